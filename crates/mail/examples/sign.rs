//! How many letters this machine can sign when it does nothing else: the limit that `bench/mail` holds the product to.
//! `sign FILE` prints signatures per second with RSA-2048 on one core, and on all of them.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mail::dkim::{Signer, SigningKey, generate_rsa_pem};

type Fault = Box<dyn std::error::Error + Send + Sync>;

const DURATION: Duration = Duration::from_secs(2);

fn count(signer: &Signer, message: &[u8]) -> u64 {
    let (began, mut signed) = (Instant::now(), 0);
    while began.elapsed() < DURATION {
        std::hint::black_box(signer.sign(message, 0).expect("the file is a letter with one From"));
        signed += 1;
    }
    signed
}

fn time() -> Result<(f64, f64), Fault> {
    let path = std::env::args().nth(1).ok_or("sign FILE")?;
    let message: Arc<[u8]> = std::fs::read(path)?.into();
    let signer = Arc::new(Signer::new("paper.example", "bench", SigningKey::from_pem(&generate_rsa_pem()?)?)?);
    let one = count(&signer, &message);
    let cores = std::thread::available_parallelism()?.get();
    let threads: Vec<_> = (0..cores)
        .map(|_| {
            let (signer, message) = (signer.clone(), message.clone());
            std::thread::spawn(move || count(&signer, &message))
        })
        .collect();
    let all: u64 = threads.into_iter().map(|thread| thread.join().expect("counting does not panic")).sum();
    Ok((one as f64 / DURATION.as_secs_f64(), all as f64 / DURATION.as_secs_f64()))
}

fn main() -> ExitCode {
    match time() {
        Ok((one, all)) => {
            println!("{one:.0} {all:.0}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
