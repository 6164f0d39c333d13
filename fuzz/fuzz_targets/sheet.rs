#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sangkien::exchange::fuzz::sheet(data));
