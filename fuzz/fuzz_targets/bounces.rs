//! Whatever comes back by mail or by a provider's call: read within its limits, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail::bounce;
use mail::webhook::{self, Provider, Sns};

fuzz_target!(|octets: &[u8]| {
    if let Ok(returned) = bounce::read(octets) {
        assert!(!returned.verdicts.is_empty());
    }
    for provider in Provider::ALL {
        assert!(webhook::notices(provider, octets).len() <= webhook::NOTICES_MAX);
    }
    drop(Sns::read(octets, &["arn:aws:sns:eu-west-1:1:topic".to_owned()]));
});
