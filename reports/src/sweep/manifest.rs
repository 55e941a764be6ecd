//! `manifest.json`: what a sweep is, so that it can be taken up, merged and run again.

use seedbed_scenarios::Source;
use seedbed_scenarios::sweep::{Axis, Column, Point, Sweep};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use crate::json::SCHEMA;

/// Which part of a sweep's runs: every run whose number leaves `index - 1` when divided by `of`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shard {
    /// From 1.
    pub index: u64,
    /// How many parts there are.
    pub of: u64,
}

impl Shard {
    /// Whether a run belongs to it.
    pub fn holds(self, run: u64) -> bool {
        run % self.of == self.index - 1
    }
}

/// The manifest of a sweep or a part of it; of a finished one with its results, `results.csv`.
pub fn text(sweep: &Sweep, shard: Option<Shard>, results: Option<&str>) -> String {
    let seeds = sweep.seeds();
    let file = sweep.source.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let manifest = Manifest {
        schema: SCHEMA,
        sweep: &sweep.name,
        version: env!("CARGO_PKG_VERSION"),
        file,
        seeds: Seeds { from: seeds.start, to: seeds.end },
        runs: sweep.runs(),
        shard,
        results_xxh3: results.map(|results| format!("{:032x}", xxh3_128(results.as_bytes()))),
        axes: sweep.axes().iter().map(AxisData::of).collect(),
        columns: sweep.columns().iter().map(ColumnData::of).collect(),
        points: sweep.points().map(PointData::of).collect(),
        text: &sweep.source.text,
    };
    serde_json::to_string_pretty(&manifest).expect("plain data is always JSON") + "\n"
}

/// The part of a sweep that a manifest is of; `None` for all of it.
pub fn shard(manifest: &str) -> Option<Shard> {
    let value: Value = serde_json::from_str(manifest).ok()?;
    Shard::deserialize(value.get("shard")?).ok()
}

/// The scenario in a manifest.
pub fn source(manifest: &str) -> Option<Source> {
    let value: Value = serde_json::from_str(manifest).ok()?;
    let text = |field: &str| value.get(field).and_then(Value::as_str);
    text("sweep")?;
    Some(Source::new(text("file")?, text("text")?))
}

/// In what two manifests of parts of one sweep differ, in words; `None` if in nothing that matters.
pub fn difference(here: &str, there: &str) -> Option<String> {
    let parse = |text| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    let (here, there) = (parse(here), parse(there));
    let differs = |field: &str| here.get(field) != there.get(field);
    if !there.is_object() || differs("schema") {
        return Some("it is no manifest of a sweep".into());
    }
    let shown =
        |value: &Value, field: &str| value.get(field).map_or("none".into(), Value::to_string);
    let pair = |what: &str, field: &str| {
        format!("{what} is {} there and {} here", shown(&there, field), shown(&here, field))
    };
    let short =
        [("sweep", "the name"), ("version", "the version"), ("seeds", "the range of seeds")];
    let long = [
        ("axes", "what is varied differs"),
        ("text", "the scenario's text differs"),
        ("points", "the points differ"),
        ("columns", "the columns differ"),
    ];
    let short = short.into_iter().filter(|(field, _)| differs(field));
    let long = long.into_iter().filter(|(field, _)| differs(field));
    let said = short.map(|(field, what)| pair(what, field));
    let words: Vec<_> = said.chain(long.map(|(_, what)| what.to_owned())).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

#[derive(Serialize)]
struct Manifest<'a> {
    schema: u32,
    sweep: &'a str,
    version: &'a str,
    file: &'a str,
    seeds: Seeds,
    runs: u64,
    shard: Option<Shard>,
    /// XXH3 with 128 bits over `results.csv`, once there is one.
    results_xxh3: Option<String>,
    axes: Vec<AxisData<'a>>,
    columns: Vec<ColumnData<'a>>,
    points: Vec<PointData>,
    text: &'a str,
}

#[derive(Serialize)]
struct Seeds {
    from: u64,
    to: u64,
}

#[derive(Serialize)]
struct AxisData<'a> {
    name: &'a str,
    sets: &'a [String],
    values: Vec<&'a str>,
}

impl<'a> AxisData<'a> {
    fn of(axis: &'a Axis) -> Self {
        AxisData { name: &axis.name, sets: &axis.paths, values: axis.labels().collect() }
    }
}

#[derive(Serialize)]
struct ColumnData<'a> {
    name: &'a str,
    r#type: &'a str,
    about: &'a str,
}

impl<'a> ColumnData<'a> {
    fn of(column: &'a Column) -> Self {
        ColumnData { name: &column.name, r#type: column.kind.name(), about: &column.about }
    }
}

#[derive(Serialize)]
struct PointData {
    point: u64,
    #[serde(serialize_with = "pairs")]
    values: Vec<(String, String)>,
    #[serde(serialize_with = "pairs")]
    sets: Vec<(String, String)>,
}

impl PointData {
    fn of(point: Point) -> Self {
        PointData { point: point.number, values: point.labels, sets: point.assignments }
    }
}

/// Pairs as an object, in their order.
fn pairs<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(pairs.len()))?;
    for (key, value) in pairs {
        map.serialize_entry(key, value)?;
    }
    map.end()
}
