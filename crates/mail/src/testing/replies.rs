//! What must hold of the reply reader for any octets: shared by the property test and the fuzz target.

use crate::smtp::{REPLY_BYTES_MAX, REPLY_LINE_BYTES_MAX, REPLY_LINES_MAX, Reply, ReplyFault, ReplyReader};

/// Reads octets whole and in pieces of this size, and panics when the two readings differ, when a reply is none, or
/// when more is kept than the limits allow.
pub fn read_replies(octets: &[u8], piece_bytes: usize) {
    let whole = read(octets, octets.len());
    let pieces = read(octets, piece_bytes);
    assert_eq!(whole, pieces, "the same octets read in pieces give other replies");
}

fn read(octets: &[u8], piece_bytes: usize) -> (Vec<Reply>, Option<ReplyFault>) {
    let (mut reader, mut replies) = (ReplyReader::default(), Vec::new());
    for piece in octets.chunks(piece_bytes.max(1)) {
        reader.push(piece);
        loop {
            match reader.next_reply() {
                Ok(Some(reply)) => {
                    assert!((200..600).contains(&reply.code), "{reply:?}");
                    assert!((1..=REPLY_LINES_MAX).contains(&reply.lines.len()), "{} lines", reply.lines.len());
                    // A replaced octet takes three.
                    assert!(reply.text().len() <= 3 * REPLY_BYTES_MAX + REPLY_LINES_MAX);
                    assert!(reply.lines.iter().all(|line| !line.contains(char::is_control)), "{reply:?}");
                    replies.push(reply);
                }
                Ok(None) => break,
                Err(fault) => return (replies, Some(fault)),
            }
        }
        assert!(reader.waiting() < REPLY_LINE_BYTES_MAX, "{} octets without a line end are kept", reader.waiting());
    }
    (replies, None)
}
