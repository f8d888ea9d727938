//! A name server on a port of this machine that says what it is told, over UDP and TCP, and goes when it is dropped.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, MX, PTR, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use crate::dkim::TXT_STRING_BYTES_MAX;
use crate::names::Names;

/// Octets of an answer that go in one packet.
const PACKET_BYTES_MAX: usize = 1_232;
/// How long an answer may be remembered, in seconds.
const TTL: u32 = 60;

type Zone = Arc<Mutex<Vec<(Name, Option<RData>)>>>;

/// A name server for tests.
pub struct NameServer {
    address: SocketAddr,
    zone: Zone,
    _listening: JoinSet<()>,
}

impl NameServer {
    /// Listens on a free port of 127.0.0.1. Each line of `zone` is a name, a kind and a value: `TXT` with the text as it
    /// stands, `MX` with preference and host, `A`, `AAAA`, `PTR` with an address as its name; `FAILS` makes every
    /// question about the name end with SERVFAIL. Panics on a line that is none of these.
    pub async fn start(zone: &str) -> io::Result<Self> {
        let (udp, tcp) = same_port().await?;
        let address = udp.local_addr()?;
        let zone: Zone = Arc::new(Mutex::new(read(zone)));
        let mut listening = JoinSet::new();
        listening.spawn(packets(udp, zone.clone()));
        listening.spawn(streams(tcp, zone.clone()));
        Ok(Self { address, zone, _listening: listening })
    }

    /// Says this from the next question on.
    pub fn say(&self, zone: &str) {
        *self.zone.lock().unwrap_or_else(PoisonError::into_inner) = read(zone);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks this server and no other.
    pub fn names(&self) -> Names {
        Names::asking(&[self.address])
    }
}

/// UDP and TCP on one port, as name servers have them.
async fn same_port() -> io::Result<(UdpSocket, TcpListener)> {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await?;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok((udp, tcp)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
}

fn read(zone: &str) -> Vec<(Name, Option<RData>)> {
    let record = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let (name, kind, value) = (words.next()?, words.next()?, words.next().unwrap_or_default());
        let whole = |name: &str| {
            let mut name = Name::from_ascii(name).ok()?;
            name.set_fqdn(true);
            Some(name)
        };
        let owner = match (kind, name.parse::<IpAddr>()) {
            ("PTR", Ok(address)) => Name::from(address),
            _ => whole(name)?,
        };
        let data = match kind {
            "TXT" => {
                let pieces = value.as_bytes().chunks(TXT_STRING_BYTES_MAX).collect();
                RData::TXT(TXT::from_bytes(pieces))
            }
            "MX" => {
                let (preference, host) = value.split_once(' ')?;
                RData::MX(MX::new(preference.parse().ok()?, whole(host)?))
            }
            "A" => RData::A(A(value.parse().ok()?)),
            "AAAA" => RData::AAAA(AAAA(value.parse().ok()?)),
            "PTR" => RData::PTR(PTR(whole(value)?)),
            "FAILS" => return Some((owner, None)),
            _ => return None,
        };
        Some((owner, Some(data)))
    };
    let lines = zone.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| record(line).unwrap_or_else(|| panic!("no line of a zone: {line}"))).collect()
}

async fn packets(socket: UdpSocket, zone: Zone) {
    let mut buffer = [0; 4_096];
    while let Ok((count, peer)) = socket.recv_from(&mut buffer).await {
        let Some(answer) = answer(&buffer[..count], &zone) else { continue };
        let fits = answer.to_vec().is_ok_and(|bytes| bytes.len() <= PACKET_BYTES_MAX);
        let answer = if fits { answer } else { answer.truncate() };
        if let Ok(bytes) = answer.to_vec() {
            drop(socket.send_to(&bytes, peer).await);
        }
    }
}

async fn streams(listener: TcpListener, zone: Zone) {
    let mut conversations = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let zone = zone.clone();
        conversations.spawn(async move { drop(converse(stream, zone).await) });
    }
}

/// Two octets of length before every message (RFC 1035 §4.2.2).
async fn converse(mut stream: TcpStream, zone: Zone) -> io::Result<()> {
    loop {
        let mut question = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut question).await?;
        let bytes = answer(&question, &zone).and_then(|answer| answer.to_vec().ok()).unwrap_or_default();
        stream.write_u16(u16::try_from(bytes.len()).unwrap_or_default()).await?;
        stream.write_all(&bytes).await?;
    }
}

fn answer(question: &[u8], zone: &Zone) -> Option<Message> {
    let asked = Message::from_vec(question).ok()?;
    let query = asked.queries.first()?.clone();
    let mut answer = Message::new(asked.metadata.id, MessageType::Response, asked.metadata.op_code);
    answer.metadata.recursion_desired = asked.metadata.recursion_desired;
    answer.metadata.recursion_available = true;
    let zone = zone.lock().unwrap_or_else(PoisonError::into_inner);
    let mut known: Vec<&Option<RData>> = Vec::new();
    for (name, data) in zone.iter() {
        if name.eq_ignore_root(query.name()) {
            known.push(data);
        }
    }
    answer.metadata.response_code = match known.as_slice() {
        [] => ResponseCode::NXDomain,
        known if known.iter().any(|data| data.is_none()) => ResponseCode::ServFail,
        _ => ResponseCode::NoError,
    };
    let of_kind = |data: &RData, kind: RecordType| data.record_type() == kind;
    for data in known.into_iter().flatten().filter(|data| of_kind(data, query.query_type())) {
        answer.add_answer(Record::from_rdata(query.name().clone(), TTL, data.clone()));
    }
    answer.add_query(query);
    Some(answer)
}
