//! The client's side of SMTP (RFC 5321): one connection, messages in a pipeline, every doubt named.
//! Owns no queue and decides nothing about retries.

mod capabilities;
mod carry;
mod connection;
mod open;
mod outcome;
mod postbag;
mod reply;
mod settings;
mod tls;
mod wire;
mod words;

pub use capabilities::{Capabilities, Size};
pub use connection::Connection;
pub use open::Relay;
pub use outcome::{OpenError, Outcome, Stage, Trouble};
pub use postbag::{Ended, Parcel, Postbag};
pub use reply::{Enhanced, REPLY_BYTES_MAX, REPLY_LINE_BYTES_MAX, REPLY_LINES_MAX, Reply, ReplyFault, ReplyReader};
pub use settings::{Credentials, DOT_SECONDS_MAX, Order, Proof, RelaySettings, STEP_SECONDS_MAX, Timeouts, Tls};
pub(crate) use tls::Encryption;
pub(crate) use wire::Duplex;
