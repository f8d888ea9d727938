//! Empties the mailbox to which reports come back, where another server keeps it (POP3, IMAP).
//! Takes away only what is proven to be ours and kept: what people wrote, and what nobody can prove, stays there.

use crate::desk::Desk;
use crate::error::Error;
use crate::returned::Took;
use crate::token;
use mail::bounce;
use mail::maildrop::{Maildrop, MaildropError, Read, Visit, Waiting};
use newsroom::returned::Class;
use newsroom::time::DAY;
use std::time::Duration;
use tracing::{info, warn};

/// Between two visits.
const PAUSE: Duration = Duration::from_secs(5 * 60);
/// Most messages read in one visit.
const READ_MAX: usize = 500;
/// How long one visit may take; what was taken by then is kept.
const VISIT: Duration = Duration::from_secs(20 * 60);
/// How long a message that stays is not read again.
const LEFT_DAYS: i64 = 365;

/// What one visit came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Emptied {
    /// Messages that were ours and are gone from the mailbox.
    pub taken: u32,
    /// Messages that were read and stay there.
    pub left: u32,
}

impl Desk {
    /// Visits the mailbox every few minutes until `stop` is ready. A visit that fails is logged and tried again: what
    /// was not removed is still there, and taking it twice is taking it once.
    pub async fn watch_maildrop(&self, maildrop: Maildrop, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let visit = tokio::time::timeout(VISIT, self.empty_maildrop(&maildrop));
            tokio::select! {
                () = &mut stop => return,
                visited = visit => match visited {
                    Ok(Ok(emptied)) if emptied == Emptied::default() => {}
                    Ok(Ok(Emptied { taken, left })) => info!(taken, left, "visited the mailbox of reports"),
                    Ok(Err(error)) => warn!("the mailbox of reports was not emptied: {error}"),
                    Err(_) => warn!("a visit to the mailbox of reports took too long and was ended"),
                },
            }
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// One visit: reads what was not read before, and removes what is ours and kept.
    pub async fn empty_maildrop(&self, maildrop: &Maildrop) -> Result<Emptied, Error> {
        let mut visit = maildrop.visit().await.map_err(no_visit)?;
        let fresh = self.unread(maildrop, visit.waiting().to_vec()).await?;
        let mut emptied = Emptied::default();
        for (message, name) in fresh {
            match self.take_from(maildrop, &mut visit, &message).await {
                Ok(Some(took)) if is_done(took) => {
                    visit.remove(&message).await.map_err(no_visit)?;
                    emptied.taken += 1;
                }
                Ok(Some(_)) => {
                    self.leave_there(name).await?;
                    emptied.left += 1;
                }
                Ok(None) => {}
                Err(error) => {
                    // What is kept already may go.
                    let _ = visit.leave().await;
                    return Err(error);
                }
            }
        }
        visit.leave().await.map_err(no_visit)?;
        Ok(emptied)
    }

    /// Takes one message as if it had been sent to us; None if somebody else has fetched it.
    async fn take_from(
        &self,
        maildrop: &Maildrop,
        visit: &mut Visit,
        message: &Waiting,
    ) -> Result<Option<Took>, Error> {
        let source = maildrop.settings().protocol.key();
        match visit.read(message).await.map_err(no_visit)? {
            Read::Gone => Ok(None),
            Read::TooLarge => self.counted(source, Took::Refused(bounce::Unreadable::TooLarge)).await.map(Some),
            Read::Whole(text) => match self.take_mail(source, &bounce::recipients(&text), text).await {
                Ok(took) => Ok(Some(took)),
                // Somebody wrote to a leaving address that is none, or none any more.
                Err(Error::Refused(_) | Error::Missing) => Ok(Some(Took::Unproven(Class::Letter))),
                Err(error) => Err(error),
            },
        }
    }

    /// Those that no visit has read and left there, each with the name it is remembered by.
    async fn unread(&self, maildrop: &Maildrop, waiting: Vec<Waiting>) -> Result<Vec<(Waiting, String)>, Error> {
        let settings = maildrop.settings();
        let place = format!("{}|{}|{}", settings.host, settings.username, settings.folder);
        self.look(move |view| {
            let mut unread = Vec::new();
            for message in &waiting {
                let name = token::hash(&format!("{place}|{}", message.id));
                if !view.letter_is_left(&name)? {
                    unread.push((message.clone(), name));
                    if unread.len() == READ_MAX {
                        break;
                    }
                }
            }
            Ok(unread)
        })
        .await
    }

    async fn leave_there(&self, name: String) -> Result<(), Error> {
        let now = self.now();
        self.change(move |change| Ok(change.leave_letter(&name, now, now.plus(-LEFT_DAYS * DAY))?)).await
    }
}

/// Whether nothing of a message is lost when it goes.
fn is_done(took: Took) -> bool {
    match took {
        Took::Kept(..) | Took::Again | Took::Left => true,
        Took::Passed(class) => class != Class::Letter,
        Took::Unproven(_) | Took::Refused(_) => false,
    }
}

fn no_visit(error: MaildropError) -> Error {
    Error::Broken(error.to_string())
}
