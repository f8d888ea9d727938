//! Any octets from a relay: read the same however they are cut, within the limits, without a panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|given: (u8, &[u8])| mail::testing::read_replies(given.1, given.0.into()));
