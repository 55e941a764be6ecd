//! No bytes make loading or splicing a scenario panic: `cargo +nightly fuzz run scenario`.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use seedbed_scenarios::{Registry, Source, load};

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::standard);

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for name in ["fuzz.ron", "fuzz.json"] {
        let mut source = Source::new(name, &*text);
        if let Err(problems) = load(&REGISTRY, &source) {
            for problem in problems.iter() {
                let data = problem.data();
                assert!(data.line > 0 && data.column > 0 && !data.message.is_empty());
                let known = problem.span().is_none_or(|s| text.get(s.start..s.end).is_some());
                assert!(known, "a span outside the text");
            }
        }
        if source.set("network.loss", "0.1").is_ok() {
            assert!(!source.text.is_empty());
        }
    }
});
