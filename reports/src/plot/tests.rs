//! Whole figures: what is on them, and that no table breaks them.

use proptest::prelude::*;
use seedbed_scenarios::sweep::{Chart, ChartKind, Curve};

use super::font::Face;
use super::scene::{Mark, Point, Scene};
use super::*;

const HEAD: &str = "point,seed,nodes,algorithm,digest,verdict,\
                    messages_per_entry,latency_p99_ns,theory_low,theory_high\n";

/// The least and the most messages that theory gives for so many nodes.
type Theory = fn(f64) -> (f64, f64);

/// Eight algorithms whose messages per entry are near their theory, three seeds each.
fn mutex() -> Results {
    let theories: [(&str, Theory); 8] = [
        ("Centralised", |_| (3.0, 3.0)),
        ("Lamport", |n| (3.0 * (n - 1.0), 3.0 * (n - 1.0))),
        ("LamportDeferredAcks", |n| (2.0 * (n - 1.0), 3.0 * (n - 1.0))),
        ("RicartAgrawala", |n| (2.0 * (n - 1.0), 2.0 * (n - 1.0))),
        ("Maekawa", |n| (3.0 * n.sqrt(), 5.0 * n.sqrt())),
        ("SuzukiKasami", |n| (0.0, n)),
        ("Raymond", |n| (0.0, 4.0 * n.log2())),
        ("TokenRing", |n| (1.0, 3.0 * n)),
    ];
    let mut csv = HEAD.to_owned();
    for (algorithm, theory) in theories {
        for nodes in [3, 5, 9, 17, 25] {
            for seed in 0..3 {
                let (low, high) = theory(f64::from(nodes));
                let y = (low + high) / 2.0 + f64::from(seed) * 0.2;
                let latency = nodes * 1_000_000 + seed;
                csv += &format!("0,{seed},{nodes},{algorithm},f,held,{y},{latency},{low},{high}\n");
            }
        }
    }
    Results::read("mutex-complexity", &csv).unwrap()
}

fn small() -> Results {
    let rows = "0,1,2,A,f,held,3,1000000,3,3\n0,2,2,A,f,held,4,2000000,3,3\n\
                1,1,4,A,f,held,9,3000000,9,9\n1,2,4,A,f,held,10,4000000,9,9\n";
    Results::read("small", &format!("{HEAD}{rows}")).unwrap()
}

fn lines(name: &str) -> Chart {
    Chart {
        name: name.into(),
        kind: ChartKind::Lines,
        x: "nodes".into(),
        y: Some("messages_per_entry".into()),
        z: None,
        by: None,
        theory: Some(Curve::Messages),
        log_x: false,
        log_y: false,
    }
}

fn of_kind(kind: ChartKind, x: &str, y: Option<&str>, z: Option<&str>) -> Chart {
    let (x, y, z) = (x.into(), y.map(Into::into), z.map(Into::into));
    Chart { kind, x, y, z, theory: None, ..lines("figure") }
}

/// Every text with the rectangle that it covers: left, top, right, bottom.
fn texts(scene: &Scene) -> Vec<(String, [f64; 4])> {
    let text = |mark: &Mark| match mark {
        Mark::Text { place: (x, y), anchor, text, size, face, .. } => {
            let width = face.width(text, *size);
            let left = anchor.begin(*x, width);
            Some((text.clone(), [left, y - 0.75 * size, left + width, y + 0.2 * size]))
        }
        _ => None,
    };
    scene.marks.iter().filter_map(text).collect()
}

/// Whether every mark is on the sheet, which a place that is no number is not.
fn all_is_on_the_sheet(scene: &Scene) {
    let inside =
        |(x, y): Point| (0.0..=scene.width).contains(&x) && (0.0..=scene.height).contains(&y);
    for mark in &scene.marks {
        let on = match mark {
            Mark::Line { points, .. } | Mark::Area { points, .. } => {
                points.iter().all(|p| inside(*p))
            }
            Mark::Disc { middle, radius, .. } => inside(*middle) && radius.is_finite(),
            Mark::Text { place, .. } => inside(*place),
        };
        assert!(on, "{mark:?}");
    }
}

fn no_text_covers_another(scene: &Scene) {
    all_is_on_the_sheet(scene);
    let texts = texts(scene);
    for (i, (a, [left, top, right, bottom])) in texts.iter().enumerate() {
        let inside =
            *left >= 0.0 && *right <= scene.width && *top >= 0.0 && *bottom <= scene.height;
        assert!(inside, "`{a}` leaves the sheet: {left} {top} {right} {bottom}");
        for (b, [other_left, other_top, other_right, other_bottom]) in &texts[i + 1..] {
            let apart = right <= other_left
                || other_right <= left
                || bottom <= other_top
                || other_bottom <= top;
            assert!(apart, "`{a}` and `{b}` overlap");
        }
    }
}

#[test]
fn eight_algorithms_are_named_and_no_text_covers_another() {
    for (log_x, log_y) in [(false, false), (true, true), (false, true)] {
        let chart = Chart { log_x, log_y, ..lines("mutex-complexity") };
        let scene = scene(&mutex(), &chart, Theme::Light).unwrap();
        no_text_covers_another(&scene);
        let texts: Vec<String> = texts(&scene).into_iter().map(|(text, _)| text).collect();
        for name in
            ["Centralised", "Raymond", "TokenRing", "Mutex complexity", "messages per entry"]
        {
            assert!(texts.iter().any(|text| text == name), "{name} is not in {texts:?}");
        }
        assert!(texts.iter().any(|text| text.contains("mutex-complexity, seeds 0 to 2")));
    }
}

#[test]
fn other_kinds_keep_their_texts_apart() {
    let charts = [
        of_kind(ChartKind::Histogram, "messages_per_entry", None, None),
        of_kind(ChartKind::Cdf, "latency_p99_ns", None, None),
        of_kind(ChartKind::Heat, "nodes", Some("seed"), Some("messages_per_entry")),
        of_kind(ChartKind::Heat, "nodes", Some("algorithm"), Some("latency_p99_ns")),
        of_kind(ChartKind::Lines, "algorithm", Some("latency_p99_ns"), None),
    ];
    for chart in charts {
        for theme in [Theme::Light, Theme::Dark] {
            no_text_covers_another(&scene(&mutex(), &chart, theme).unwrap());
        }
    }
}

#[test]
fn a_small_chart_is_known_byte_for_byte() {
    let drawn = draw(&small(), &lines("small-chart"), Theme::Light).unwrap();
    let golden = include_str!("small.svg");
    if std::env::var_os("SEEDBED_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/plot/small.svg");
        std::fs::write(path, &drawn.svg).unwrap();
        return;
    }
    // Line by line, so that a failure can be read.
    for (found, known) in drawn.svg.lines().zip(golden.lines()) {
        assert_eq!(found, known, "with SEEDBED_BLESS=1 the test writes what it finds");
    }
    assert_eq!(drawn.svg.len(), golden.len());
}

#[test]
fn the_picture_is_twice_as_large_as_the_sheet_and_not_empty() {
    let drawn = draw(&small(), &lines("small-chart"), Theme::Dark).unwrap();
    let decoder = ::png::Decoder::new(std::io::Cursor::new(&drawn.png));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (1920, 1200));
    let colors: std::collections::BTreeSet<&[u8]> = pixels.chunks(3).collect();
    assert!(colors.len() > 100, "{} colours", colors.len());
    assert!(colors.contains(&[0x14, 0x17, 0x1c][..]), "the dark ground");
}

#[test]
fn every_text_has_its_width_in_the_svg() {
    let drawn = draw(&mutex(), &lines("mutex"), Theme::Light).unwrap();
    let texts = drawn.svg.lines().filter(|line| line.starts_with("<text"));
    assert!(texts.clone().count() > 20);
    assert!(texts.clone().all(|line| line.contains(" textLength=\"")));
    assert!(!drawn.svg.contains("NaN") && !drawn.svg.contains("inf"));
    let width = Face::Regular.width("Raymond", 13.0);
    assert!((width - 58.0).abs() < 3.0, "{width}");
}

#[test]
fn theory_of_chord_is_a_dense_curve() {
    let chart = Chart { theory: Some(Curve::HalfLog2), log_x: true, ..lines("chord") };
    let scene = scene(&small(), &chart, Theme::Light).unwrap();
    let dense = |mark: &&Mark| matches!(mark, Mark::Line { points, dash: Some(_), .. } if points.len() > 20);
    assert_eq!(scene.marks.iter().filter(dense).count(), 1);
    assert!(texts(&scene).iter().any(|(text, _)| text == "½ log₂ nodes"));
}

#[test]
fn runs_without_a_figure_are_left_out_and_counted() {
    let rows = "0,1,2,A,f,held,3,1,3,3\n0,2,2,A,f,held,,1,3,3\n0,3,2,A,f,held,NaN,1,3,3\n0,4,3,A,f,held,inf,1,3,3\n";
    let results = Results::read("gaps", &format!("{HEAD}{rows}")).unwrap();
    let scene = scene(&results, &lines("gaps"), Theme::Light).unwrap();
    assert!(texts(&scene).iter().any(|(text, _)| text.contains("3 of 4 runs have no such figure")));
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let none = Results::read("none", HEAD).unwrap();
    assert_eq!(draw(&none, &lines("none"), Theme::Light), Err(Error::NoRows));
    let rows = "0,1,2,A,f,held,0,1,3,3\n0,2,2,A,f,held,-4,1,3,3\n";
    let results = Results::read("x", &format!("{HEAD}{rows}")).unwrap();
    let log = Chart { log_y: true, ..lines("log") };
    assert!(draw(&results, &log, Theme::Light).unwrap_err().is_empty());
    let unknown = Chart { y: Some("mesages_per_entry".into()), ..lines("x") };
    let error = draw(&results, &unknown, Theme::Light).unwrap_err();
    assert_eq!(error.help().as_deref(), Some("did you mean `messages_per_entry`?"));
    let latency = Chart { y: Some("latency_p99_ns".into()), ..lines("x") };
    let error = draw(&results, &latency, Theme::Light).unwrap_err();
    assert_eq!(error.to_string(), "theory counts messages, and latency p99 (ns) is none");
    let words = Chart { y: Some("verdict".into()), ..lines("x") };
    let error = draw(&results, &words, Theme::Light).unwrap_err();
    assert_eq!(error.to_string(), "line 2, column `verdict`: `held` is not a number");
}

/// Cells that a table may hold: ordinary numbers, and all that is not.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (-50..50i32).prop_map(|x| x.to_string()),
        2 => (0.0..1e6f64).prop_map(|x| x.to_string()),
        1 => any::<f64>().prop_map(|x| x.to_string()),
        1 => prop::sample::select(vec!["", "0", "-0", "NaN", "inf", "-inf", "1e300", "5e-324", "7", "1ms"]).prop_map(str::to_owned),
    ]
}

fn table() -> impl Strategy<Value = String> {
    let row = (0..4u32, cell(), 0..3u32, cell(), cell(), cell(), cell());
    prop::collection::vec(row, 0..24).prop_map(|rows| {
        let line = |(seed, x, who, y, z, low, high)| {
            format!("0,{seed},{x},A{who},f,held,{y},{z},{low},{high}\n")
        };
        HEAD.to_owned() + &rows.into_iter().map(line).collect::<String>()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_table_breaks_a_figure(csv in table(), kind in 0..4usize, log_x: bool, log_y: bool, theory in 0..3usize) {
        let results = Results::read("any", &csv).unwrap();
        let kind = [ChartKind::Lines, ChartKind::Histogram, ChartKind::Cdf, ChartKind::Heat][kind];
        let theory = [None, Some(Curve::Messages), Some(Curve::HalfLog2)][theory];
        let chart = Chart { theory, log_x, log_y, ..match kind {
            ChartKind::Lines => lines("any"),
            ChartKind::Heat => of_kind(kind, "nodes", Some("seed"), Some("messages_per_entry")),
            kind => of_kind(kind, "messages_per_entry", None, None),
        } };
        if let Ok(scene) = scene(&results, &chart, Theme::Light) {
            no_text_covers_another(&scene);
            prop_assert!(svg::write(&scene).ends_with("</svg>\n"));
        }
    }
}

proptest! {
    // Painting takes long without optimisation.
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn no_table_breaks_a_picture(csv in table(), log_y: bool) {
        let results = Results::read("any", &csv).unwrap();
        let _ = draw(&results, &Chart { log_y, ..lines("any") }, Theme::Dark);
    }
}
