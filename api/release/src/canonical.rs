//! Canonical JSON (RFC 8785, JCS): one spelling of a value, so that a manifest
//! is one string of bytes and a second reader who parses and writes it again
//! gets the digest that was signed.
//!
//! What manifests hold is all there is here: objects, lists, text, whole
//! numbers to 2^53-1 (beyond, readers that keep numbers as doubles differ),
//! true, false and null. A number with a fraction is refused rather than spelt.

use serde::Serialize;
use serde_json::Value;

/// The largest whole number that every JSON reader keeps exactly: 2^53-1.
pub const MAX_NUMBER: u64 = (1 << 53) - 1;

/// `value` as canonical JSON, without a newline at the end.
///
/// # Errors
/// Says which number has a fraction or is beyond ±(2^53-1), or why the value
/// is not JSON at all.
pub fn to_vec(value: &impl Serialize) -> Result<Vec<u8>, String> {
    let value = serde_json::to_value(value).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    write(&value, &mut bytes)?;
    Ok(bytes)
}

/// Whether `bytes` are `value` in the canonical spelling.
///
/// # Errors
/// Says at which byte they part, or what [`to_vec`] says.
pub fn check(bytes: &[u8], value: &impl Serialize) -> Result<(), String> {
    let canonical = to_vec(value)?;
    if bytes == canonical {
        return Ok(());
    }
    let at = bytes.iter().zip(&canonical).take_while(|(a, b)| a == b).count();
    Err(format!(
        "not canonical JSON (RFC 8785): from byte {at} on it is spelt otherwise; expected keys in order, each once, no spaces, no newline at the end"
    ))
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), String> {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        Value::Number(number) => {
            let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if whole.is_none_or(|whole| whole > MAX_NUMBER) {
                return Err(format!("the number {number} has a fraction or is beyond ±(2^53-1)"));
            }
            out.extend(number.to_string().as_bytes());
        }
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            // In order of UTF-16 code units, which is not that of UTF-8 beyond U+FFFF.
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (n, (key, value)) in fields.into_iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                write(value, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// Text as ECMAScript's `JSON.stringify` spells it.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend(b"\\\""),
            '\\' => out.extend(b"\\\\"),
            '\u{8}' => out.extend(b"\\b"),
            '\t' => out.extend(b"\\t"),
            '\n' => out.extend(b"\\n"),
            '\u{c}' => out.extend(b"\\f"),
            '\r' => out.extend(b"\\r"),
            c if c < ' ' => out.extend(format!("\\u{:04x}", u32::from(c)).as_bytes()),
            c => out.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spelt(text: &str) -> Result<String, String> {
        to_vec(&serde_json::from_str::<Value>(text).unwrap()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    /// The example of RFC 8785, 3.2.2 and 3.2.3, without its numbers with fractions.
    #[test]
    fn the_example_of_the_rfc() {
        let given = r#"{
            "numbers": [333333333, 4, 2],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333,4,2],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(spelt(given).unwrap(), expected);
    }

    /// The example of sorting, RFC 8785, 3.2.3: by UTF-16, a smiley before U+FB33.
    #[test]
    fn keys_are_sorted_by_utf_16() {
        let given = r#"{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
            "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}"#;
        let spelt = spelt(given).unwrap();
        let at = |word: &str| spelt.find(word).unwrap();
        let order =
            ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji", "Hebrew Letter"].map(at);
        assert!(order.is_sorted(), "{spelt}");
        assert!(spelt.starts_with("{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":"), "{spelt}");
    }

    #[test]
    fn numbers_are_whole_and_within_what_every_reader_keeps() {
        assert_eq!(spelt("[9007199254740991,-9007199254740991,0,-1]").unwrap(), "[9007199254740991,-9007199254740991,0,-1]");
        for refused in ["9007199254740992", "-9007199254740992", "18446744073709551615", "1.5", "1e2", "-0", "1.0"] {
            assert!(spelt(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn any_other_spelling_is_found() {
        let good = r#"{"a":[1,2],"b":"x"}"#;
        let check = |text: &str| check(text.as_bytes(), &serde_json::from_str::<Value>(text).unwrap());
        check(good).unwrap();
        let others = [
            r#"{"b":"x","a":[1,2]}"#,
            r#"{"a":[1,2],"a":[1,2],"b":"x"}"#,
            r#"{"a":[1, 2],"b":"x"}"#,
            "{\"a\":[1,2],\"b\":\"x\"}\n",
            r#"{"a":[1,2],"b":"\u0078"}"#,
            r#"{"a":[1,2],"b":"x","c":"\u000A"}"#,
        ];
        for other in others {
            let error = check(other).unwrap_err();
            assert!(error.contains("byte "), "{error}");
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let limit = MAX_NUMBER as i64;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-limit..=limit).prop_map(Value::from),
            any::<String>().prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// Reading and writing again changes neither the value nor a byte.
        #[test]
        fn a_second_reader_writes_the_same(value in json()) {
            let bytes = to_vec(&value).unwrap();
            let read: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(&read, &value);
            prop_assert_eq!(to_vec(&read).unwrap(), bytes.clone());
            prop_assert!(check(&bytes, &value).is_ok());
        }
    }
}
