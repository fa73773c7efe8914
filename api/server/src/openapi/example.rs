//! Whole examples, put together from those of the fields.

use serde_json::{Map, Value};
use utoipa::openapi::schema::{ArrayItems, SchemaType, Type};
use utoipa::openapi::{Components, RefOr, Schema};

/// Schemas do not nest deeper than this.
const DEEPEST: usize = 12;

/// An example of a schema: its own, or one made of those of its fields.
pub fn of(schema: &RefOr<Schema>, components: &Components) -> Value {
    made(schema, components, 0)
}

fn made(schema: &RefOr<Schema>, components: &Components, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    let schema = match schema {
        RefOr::T(schema) => schema,
        RefOr::Ref(to) => {
            let name = to.ref_location.rsplit('/').next().unwrap_or_default();
            return components.schemas.get(name).map_or(Value::Null, |schema| made(schema, components, depth + 1));
        }
    };
    let inside = |schema: &RefOr<Schema>| made(schema, components, depth + 1);
    match schema {
        Schema::Object(object) => match (&object.example, object.examples.first()) {
            (Some(example), _) | (None, Some(example)) => example.clone(),
            (None, None) => {
                let fields = object.properties.iter().map(|(name, field)| (name.clone(), inside(field)));
                let map: Map<String, Value> = fields.collect();
                let is_object = object.schema_type == SchemaType::Type(Type::Object);
                let word = object.enum_values.as_ref().and_then(|all| all.first().cloned());
                if map.is_empty() && !is_object { word.unwrap_or(Value::Null) } else { Value::Object(map) }
            }
        },
        Schema::Array(array) => match (&array.example, array.examples.first(), &array.items) {
            (Some(example), ..) | (None, Some(example), _) => example.clone(),
            (None, None, ArrayItems::RefOrSchema(items)) => Value::Array(vec![inside(items)]),
            (None, None, ArrayItems::False) => Value::Array(Vec::new()),
        },
        Schema::AllOf(all) => {
            let mut whole = Map::new();
            for part in &all.items {
                if let Value::Object(part) = inside(part) {
                    whole.extend(part);
                }
            }
            Value::Object(whole)
        }
        Schema::OneOf(one) => one.items.first().map_or(Value::Null, inside),
        Schema::AnyOf(any) => any.items.first().map_or(Value::Null, inside),
        _ => Value::Null,
    }
}
