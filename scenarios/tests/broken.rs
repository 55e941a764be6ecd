//! Algorithms without what they need: each scenario under `broken/` replays the breach that the
//! assumption matrix found.
//!
//! `seedbed matrix all --out scenarios/broken` writes them anew.

use std::fs;
use std::path::Path;

use seedbed_scenarios::{Expect, Registry, RunOptions, Source, load};

#[test]
fn every_breach_replays() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("broken");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("it can be read");
        let plan = load(&Registry::standard(), &Source::new(format!("{name}.ron"), text))
            .unwrap_or_else(|problems| panic!("{name}: {:?}", problems.first().data()));
        assert_eq!(plan.name, name, "the file is named as the scenario");
        assert!(matches!(plan.expect, Expect::Breach(_)), "{name} expects a breach");
        let outcome = plan.run(None, RunOptions::default());
        assert!(plan.expect.met_by(&outcome), "{name}: {:#?}", outcome.checks);
        let replay = plan.replay.as_ref().unwrap_or_else(|| panic!("{name} pins no digest"));
        assert_eq!(replay.digest, outcome.digest, "{name}");
        count += 1;
    }
    assert!(count > 20, "only {count} breaches are kept");
}
