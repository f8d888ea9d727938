//! The client's side of SMTP (RFC 5321): one connection, one command at a time, every doubt named.
//! Owns no queue and decides nothing about retries.

mod capabilities;
mod connection;
mod dot;
mod offer;
mod open;
mod outcome;
mod reply;
mod settings;
mod tls;
mod wire;

pub use capabilities::{Capabilities, Size};
pub use connection::Connection;
pub use dot::{LINE_BYTES_MAX, dot_stuff, line_fault};
pub use offer::Offered;
pub use open::Relay;
pub use outcome::{OpenError, Outcome, Stage, Trouble};
pub use reply::{Enhanced, REPLY_BYTES_MAX, REPLY_LINE_BYTES_MAX, REPLY_LINES_MAX, Reply, ReplyFault, ReplyReader};
pub use settings::{Credentials, DOT_SECONDS_MAX, RelaySettings, STEP_SECONDS_MAX, Timeouts, Tls};
