//! A relay on a port of this machine that goes when it is dropped.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::book::Book;
use super::conduct::Conduct;
use super::conversation::Talk;

/// What all conversations of one relay share.
pub(super) struct Shared {
    book: Mutex<Book>,
    conduct: Mutex<Conduct>,
    second: Mutex<(Option<Instant>, u32)>,
}

impl Shared {
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn conduct(&self) -> Conduct {
        self.conduct.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a message of this second; `false` when it is one too many.
    pub(super) fn has_room_this_second(&self, max: Option<u32>) -> bool {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if second.0.is_none_or(|began| now.duration_since(began).as_millis() >= 1000) {
            *second = (Some(now), 0);
        }
        second.1 += 1;
        max.is_none_or(|max| second.1 <= max)
    }
}

/// A relay that does what it is told, see [`Conduct`].
pub struct WildRelay {
    shared: Arc<Shared>,
    port: u16,
    listening: Option<JoinHandle<()>>,
}

impl Drop for WildRelay {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

impl WildRelay {
    /// Listens on a free port of 127.0.0.1 until it is dropped.
    pub async fn start(conduct: Conduct) -> io::Result<Self> {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await?, conduct)
    }

    /// Listens on this socket until it is dropped; conversations under way end with it.
    pub fn start_on(listener: TcpListener, conduct: Conduct) -> io::Result<Self> {
        let mut relay = Self::without_port(conduct);
        relay.port = listener.local_addr()?.port();
        let shared = relay.shared.clone();
        relay.listening = Some(tokio::spawn(async move {
            let mut conversations = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while conversations.try_join_next().is_some() {}
                drop(stream.set_nodelay(true));
                conversations.spawn(Talk::hold(Box::new(stream), shared.clone()));
            }
        }));
        Ok(relay)
    }

    /// For [`WildRelay::answer`] only.
    pub fn without_port(conduct: Conduct) -> Self {
        let (book, conduct, second) = (Mutex::default(), Mutex::new(conduct), Mutex::default());
        Self { shared: Arc::new(Shared { book, conduct, second }), port: 0, listening: None }
    }

    /// Holds one conversation on any stream, to its end.
    pub async fn answer<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Talk::hold(Box::new(stream), self.shared.clone()).await;
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A copy of the book as it stands.
    pub fn book(&self) -> Book {
        self.shared.book().clone()
    }

    /// Behaves like this from the next word on.
    pub fn behave(&self, conduct: Conduct) {
        *self.shared.conduct.lock().unwrap_or_else(PoisonError::into_inner) = conduct;
    }
}
