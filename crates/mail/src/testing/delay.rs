//! A long line: carries octets between a port of this machine and another, each way with a fixed delay.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// Pieces under way in one direction: with 64 KB each far more than any line of the comparisons holds.
const PIECES_UNDER_WAY_MAX: usize = 1024;
const PIECE_BYTES: usize = 64 * 1024;

/// A line that ends when it is dropped. The delay does not limit how much is under way.
pub struct Delay {
    port: u16,
    listening: JoinHandle<()>,
}

impl Drop for Delay {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Delay {
    /// Listens on a free port of 127.0.0.1 and carries every connection to `port` there and back again.
    pub async fn start(port: u16, round_trip: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let own_port = listener.local_addr()?.port();
        let listening = tokio::spawn(async move {
            let mut lines = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                while lines.try_join_next().is_some() {}
                lines.spawn(carry(near, port, round_trip / 2));
            }
        });
        Ok(Self { port: own_port, listening })
    }

    /// Where the long line begins.
    pub fn port(&self) -> u16 {
        self.port
    }
}

async fn carry(near: TcpStream, port: u16, one_way: Duration) -> io::Result<()> {
    let far = TcpStream::connect(("127.0.0.1", port)).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    tokio::try_join!(one_direction(near_read, far_write, one_way), one_direction(far_read, near_write, one_way))?;
    Ok(())
}

async fn one_direction(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    delay: Duration,
) -> io::Result<()> {
    let (put, mut take) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES_UNDER_WAY_MAX);
    let read = async {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let count = from.read(&mut piece).await?;
            if count == 0 || put.send((Instant::now() + delay, piece[..count].to_vec())).await.is_err() {
                drop(put);
                return Ok::<(), io::Error>(());
            }
        }
    };
    let write = async {
        while let Some((at, piece)) = take.recv().await {
            sleep_until(at).await;
            to.write_all(&piece).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(read, write)?;
    Ok(())
}
