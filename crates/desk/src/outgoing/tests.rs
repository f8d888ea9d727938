//! What the door lets through, held against a server that plays every trick.

use super::reach::{is_public, may_reach, read};
use super::*;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn check(addresses: &[&str], public: bool) {
    for text in addresses {
        assert_eq!(is_public(address(text)), public, "{text}");
    }
}

#[test]
fn only_the_public_internet_is_public() {
    check(
        &["1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "223.255.255.255"],
        true,
    );
    check(
        &["2606:4700::1111", "2a00:1450:4001::200e", "2001:200::1", "3ffe::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"],
        true,
    );
    check(&["0.0.0.0", "10.255.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1"], false);
    check(&["172.31.255.255", "192.168.0.1", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16"], false);
    check(&["198.18.0.1", "198.19.255.255", "192.0.2.1", "203.0.113.1", "198.51.100.1", "224.0.0.1"], false);
    check(&["240.0.0.1", "255.255.255.255", "192.88.99.1"], false);
    check(&["::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "3fff::1"], false);
    check(&["::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.0.0.1", "64:ff9b::7f00:1"], false);
    check(
        &["64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:1ff:ffff::", "100::1", "5f00::1"],
        false,
    );
}

proptest! {
    #[test]
    fn an_inner_address_is_no_more_public_than_itself(bits: u32) {
        let v4 = Ipv4Addr::from_bits(bits);
        let inside = |prefix: [u16; 6]| {
            let [a, b, c, d, e, f] = prefix;
            let high = u16::try_from(bits >> 16).unwrap();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, high, u16::try_from(bits & 0xffff).unwrap()))
        };
        let expected = is_public(v4.into());
        prop_assert_eq!(is_public(inside([0, 0, 0, 0, 0, 0xffff])), expected);
        prop_assert_eq!(is_public(inside([0x64, 0xff9b, 0, 0, 0, 0])), expected);
        prop_assert!(!is_public(inside([0, 0, 0, 0, 0, 0])), "IPv4-compatible");
        prop_assert!(!is_public(Ipv6Addr::from_bits(0x2002 << 112 | u128::from(bits) << 80 | 1).into()), "6to4");
    }

    #[test]
    fn what_the_library_calls_private_is_never_public(bits: u32, high: u128) {
        let v4 = Ipv4Addr::from_bits(bits);
        if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || v4.is_documentation() {
            prop_assert!(!is_public(v4.into()));
        }
        let v6 = Ipv6Addr::from_bits(high);
        if v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_multicast() || v6.is_loopback() {
            prop_assert!(!is_public(v6.into()));
        }
    }

    #[test]
    fn a_loopback_address_is_found_however_it_is_written(bits in 0x7f00_0000_u32..=0x7fff_ffff) {
        let [a, b, c, d] = bits.to_be_bytes();
        let rest = bits & 0x00ff_ffff;
        for host in [
            format!("{bits}"), format!("0x{bits:x}"), format!("0{bits:o}"), format!("127.{rest}"),
            format!("0{a:o}.{b}.{c}.{d}"), format!("0x{a:x}.{b}.0x{c:x}.{d}"), format!("{a}.{b}.{c}.{d}."),
            format!("[::ffff:{a}.{b}.{c}.{d}]"), format!("%31{}.{b}.{c}.{d}", &a.to_string()[1..]),
        ] {
            let url = read(&format!("http://{host}/")).unwrap();
            let ip = match url.host().unwrap() {
                url::Host::Ipv4(v4) => IpAddr::from(v4),
                url::Host::Ipv6(v6) => IpAddr::from(v6),
                url::Host::Domain(name) => panic!("{name} is not read as an address"),
            };
            prop_assert!(!may_reach(ip, &[]), "{} became {}", host, ip);
        }
    }

    #[test]
    fn no_text_makes_the_reader_stumble(text in ".{0,80}") {
        if let Ok(url) = read(&text) {
            prop_assert!(matches!(url.scheme(), "http" | "https"));
            prop_assert_eq!(url.username(), "");
        }
    }
}

#[test]
fn an_address_is_read_strictly() {
    let why = |text: &str| read(text).map(|url| url.to_string()).map_err(|no| no.why);
    for bad in
        ["", "paper.example", "ftp://paper.example/", "file:///etc/passwd", "gopher://x/", "javascript:1", "//x/"]
    {
        assert_eq!(why(bad), Err(Why::NoAddress), "{bad}");
    }
    assert_eq!(why(&format!("https://paper.example/{}", "a".repeat(URL_BYTES_MAX))), Err(Why::NoAddress));
    assert_eq!(why("https://rose:word@paper.example/"), Err(Why::Password));
    assert_eq!(why("https://rose@paper.example/"), Err(Why::Password));
    assert_eq!(why("http://paper.example:25/"), Err(Why::Port(25)));
    assert_eq!(why("http://paper.example:22/"), Err(Why::Port(22)));
    assert_eq!(why("http://paper.example:8080/x?y#z").unwrap(), "http://paper.example:8080/x?y#z");
    assert!(why("http://paper.example:443/").is_ok() && why("https://paper.example:80/").is_ok());
}

/// A server that answers each connection with the next of its lines and remembers what was asked.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn saying(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        tokio::spawn(async move {
            for answer in answers {
                let (mut peer, _) = listener.accept().await.unwrap();
                let request = hear(&mut peer).await;
                seen.lock().unwrap().push(request);
                let _ = peer.write_all(answer.replace("{port}", &port.to_string()).as_bytes()).await;
            }
        });
        Self { port, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Head and body of one request.
async fn hear(peer: &mut TcpStream) -> String {
    let (mut heard, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let count = peer.read(&mut buffer).await.unwrap();
        heard.push_str(&String::from_utf8_lossy(&buffer[..count]));
        let Some((head, body)) = heard.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0_usize) {
            return heard;
        }
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn to(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Go\r\nLocation: {location}\r\nSet-Cookie: who=you\r\nContent-Length: 0\r\n\r\n")
}

const LOCAL: &str = "127.0.0.1/32";

/// A door with this machine as an exception; slow after `millis`.
fn door(millis: u64) -> Outgoing {
    let limits = Limits { time: Duration::from_millis(millis), body_bytes: 100_000 };
    let local = vec![Network::parse(LOCAL).unwrap()];
    Outgoing::with("https://paper.example", local, Encryption::new(Vec::new()), limits)
}

fn text() -> HeaderValue {
    HeaderValue::from_static("text/plain")
}

async fn why(door: &Outgoing, url: &str) -> Why {
    door.send(Errand::get(url)).await.unwrap_err().why
}

#[tokio::test]
async fn an_errand_brings_the_answer_home() {
    let server = Server::saying(vec![ok("fine"), "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n".into()]).await;
    let reply = door(3_000).send(Errand::get(server.url("/a?b=c#d"))).await.unwrap();
    assert_eq!((reply.status, reply.body.as_ref()), (StatusCode::OK, b"fine".as_ref()));
    let asked = server.asked().remove(0).to_lowercase();
    assert!(asked.starts_with("get /a?b=c http/1.1\r\n"), "{asked}");
    assert!(asked.contains(&format!("host: 127.0.0.1:{}\r\n", server.port)), "{asked}");
    assert!(asked.contains("user-agent: masthead/") && asked.contains("(+https://paper.example)"), "{asked}");
    let reply = door(3_000).send(Errand::get(server.url("/"))).await.unwrap();
    assert!(!reply.is_success() && reply.status == 404);
}

#[tokio::test]
async fn this_machine_is_not_asked_unless_the_operator_listed_it() {
    let server = Server::saying(vec![ok("secret")]).await;
    let door = Outgoing::new("https://paper.example", Vec::new());
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"] {
        let url = format!("http://{host}:{}/", server.port);
        assert_eq!(why(&door, &url).await, Why::NotPublic, "{url}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_into_a_private_network_is_not_followed() {
    for inside in ["http://127.0.0.2:{port}/", "http://169.254.169.254/latest/", "http://[::1]:{port}/", "//10.0.0.1/x"]
    {
        let server = Server::saying(vec![to(302, inside), ok("secret")]).await;
        assert_eq!(why(&door(3_000), &server.url("/")).await, Why::NotPublic, "{inside}");
        assert_eq!(server.asked().len(), 1, "{inside}");
    }
    for (elsewhere, reason) in [
        ("file:///etc/passwd", Why::NoAddress),
        ("http://rose:word@127.0.0.1:{port}/", Why::Password),
        ("http://127.0.0.1:25/", Why::Port(25)),
        ("http://[oops", Why::Garbled),
    ] {
        let server = Server::saying(vec![to(301, elsewhere)]).await;
        assert_eq!(why(&door(3_000), &server.url("/")).await, reason, "{elsewhere}");
    }
}

#[tokio::test]
async fn three_redirects_are_followed_and_no_fourth() {
    let server =
        Server::saying(vec![to(301, "/b"), to(302, "c?d"), to(307, "http://127.0.0.1:{port}/e"), ok("here")]).await;
    let reply = door(3_000).send(Errand::get(server.url("/a"))).await.unwrap();
    assert_eq!(reply.body.as_ref(), b"here");
    let paths: Vec<String> = server.asked().iter().map(|asked| asked.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(paths, ["/a", "/b", "/c?d", "/e"]);
    assert!(server.asked().iter().all(|asked| !asked.to_lowercase().contains("cookie")));
    let server = Server::saying(vec![to(301, "/"); 5]).await;
    assert_eq!(why(&door(3_000), &server.url("/")).await, Why::TooManyRedirects);
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn what_was_sent_is_sent_again_only_where_http_says_so() {
    let server = Server::saying(vec![to(308, "/again"), ok("taken")]).await;
    let errand = Errand::post(server.url("/"), text(), "words");
    assert!(door(3_000).send(errand).await.unwrap().is_success());
    assert!(server.asked()[1].starts_with("POST /again") && server.asked()[1].ends_with("words"));
    let server = Server::saying(vec![to(302, "/elsewhere")]).await;
    let reply = door(3_000).send(Errand::post(server.url("/"), text(), "words")).await.unwrap();
    assert_eq!(reply.status, 302);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_redirect_to_another_site_takes_no_secret_along() {
    let other = Server::saying(vec![ok("here")]).await;
    let server = Server::saying(vec![to(307, &other.url("/"))]).await;
    let errand = Errand::post(server.url("/"), text(), "words");
    let errand = errand.with(header::AUTHORIZATION, HeaderValue::from_static("Bearer hidden"));
    assert!(door(3_000).send(errand).await.unwrap().is_success());
    assert!(server.asked()[0].contains("hidden") && !other.asked()[0].contains("hidden"));
    assert!(other.asked()[0].to_lowercase().contains("content-type: text/plain"));
}

#[tokio::test]
async fn an_endless_answer_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut peer, _) = listener.accept().await.unwrap();
            hear(&mut peer).await;
            let _ = peer.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while peer.write_all(&[b'a'; 10_000]).await.is_ok() {}
        }
    });
    assert_eq!(why(&door(10_000), &url).await, Why::TooLarge);
    let server = Server::saying(vec!["HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n".into()]).await;
    assert_eq!(why(&door(10_000), &server.url("/")).await, Why::Garbled, "less came than was promised");
}

#[tokio::test]
async fn an_answer_that_drips_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hidden-token", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        let _ = peer.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while peer.write_all(b"X-More: drip\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let no = door(300).send(Errand::get(url)).await.unwrap_err();
    assert_eq!(no.why, Why::TooSlow);
    assert_eq!(no.to_string(), "127.0.0.1 did not answer within 5 seconds.", "no path: it can hold a token");
}

#[tokio::test]
async fn what_is_no_web_server_is_named_as_such() {
    let server = Server::saying(vec![
        "220 smtp ready\r\n".into(),
        format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(2_000)),
    ])
    .await;
    assert_eq!(why(&door(3_000), &server.url("/")).await, Why::Garbled);
    assert_eq!(why(&door(3_000), &server.url("/")).await, Why::Garbled, "too many headers");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(why(&door(3_000), &format!("http://{closed}/")).await, Why::Unreachable);
}

#[tokio::test]
async fn a_certificate_is_checked_against_its_host() {
    let authority = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = authority.cert.der().clone();
    let key = rustls::pki_types::PrivateKeyDer::try_from(authority.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.clone()], key).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (peer, _) = listener.accept().await.unwrap();
            let Ok(mut peer) = acceptor.accept(peer).await else { continue };
            let mut buffer = [0; 1024];
            let _ = peer.read(&mut buffer).await;
            let _ = peer.write_all(to(302, "http://127.0.0.1:8080/").as_bytes()).await;
            let _ = peer.shutdown().await;
        }
    });
    let url = format!("https://127.0.0.1:{port}/");
    assert_eq!(why(&door(5_000), &url).await, Why::Encryption, "nobody vouches for it");
    let local = vec![Network::parse(LOCAL).unwrap()];
    let trusting = |url| {
        let door = Outgoing::with("", local.clone(), Encryption::new(vec![certificate.clone()]), Limits::default());
        async move { door.send(Errand::get(url)).await }
    };
    let wrong_name = format!("https://localhost:{port}/");
    assert_eq!(trusting(wrong_name).await.unwrap_err().why, Why::Encryption, "another host's certificate");
    assert_eq!(
        trusting(url).await.unwrap_err().why,
        Why::Downgraded,
        "the answer came and leads out of the encryption"
    );
}
