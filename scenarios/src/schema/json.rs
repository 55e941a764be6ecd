//! The JSON Schema of scenarios, for editors: of the same structs that read them.

use schemars::generate::SchemaSettings;
use seedbed_node::{Field, Kind};
use serde_json::{Map, Value, json};

use super::Document;
use crate::registry::{AlgorithmRow, Registry};

/// The JSON Schema of scenarios that name what is in `registry`.
pub fn json_schema(registry: &Registry) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Document>().to_value();
    bare_variants(&mut schema);
    schema["properties"]["algorithm"] = json!({
        "description": "The algorithm, with its parameters.",
        "oneOf": registry.algorithms().flat_map(algorithm).collect::<Vec<_>>(),
    });
    schema
}

/// A bare name, or an object with the parameters.
fn algorithm(row: &AlgorithmRow) -> [Value; 2] {
    let shown = row.fields.iter().filter(|field| !field.hidden);
    let fields: Map<String, Value> =
        shown.map(|field| (field.name.to_owned(), parameter(field))).collect();
    let params = json!({ "type": "object", "properties": fields, "additionalProperties": false });
    let with_params = json!({
        "type": "object",
        "description": row.about,
        "properties": { row.name: params },
        "required": [row.name],
        "additionalProperties": false,
    });
    [json!({ "const": row.name, "description": row.about }), with_params]
}

fn parameter(field: &Field) -> Value {
    let mut schema = kind(&field.kind);
    schema["description"] = json!(format!("{} Default: {}.", field.about, (field.default)()));
    schema
}

fn kind(of: &Kind) -> Value {
    match of {
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer => json!({ "type": "integer" }),
        Kind::Probability => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Kind::Duration | Kind::Node => json!({ "type": "string" }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Optional(inner) => json!({ "anyOf": [kind(inner), { "type": "null" }] }),
        Kind::List(inner) => json!({ "type": "array", "items": kind(inner) }),
    }
}

/// Replaces `{"$number": …}`, the form of a variant without a name, by what stands for it.
fn bare_variants(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(bare_variants),
        Value::Object(fields) => {
            let bare = fields.get("properties").and_then(Value::as_object).and_then(|properties| {
                let only = properties.iter().next()?;
                (properties.len() == 1 && only.0.starts_with('$')).then(|| only.1.clone())
            });
            if let Some(bare) = bare {
                *schema = bare;
                return bare_variants(schema);
            }
            fields.values_mut().for_each(bare_variants);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
