//! A relay for tests and comparisons that behaves as badly as it is told, and keeps a book of what it has taken; a line
//! that is as long as it is told; a mailbox to fetch from; a name server. Only for loopback, and only with `testing`.

mod book;
mod conduct;
mod conversation;
mod delay;
mod mailbox;
mod name_server;
mod relay;
mod replies;

pub use book::{Book, Stored};
pub use conduct::{Act, Bounds, Conduct, Moment, Offers};
pub use delay::Delay;
pub use mailbox::{MailboxServer, PASSWORD, USERNAME};
pub use name_server::NameServer;
pub use relay::WildRelay;
pub use replies::read_replies;
