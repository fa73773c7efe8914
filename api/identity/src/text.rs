//! Names and addresses.

use std::fmt;
use std::str::FromStr;

use crate::Error;

const LONGEST: usize = 500;

fn parse(text: &str) -> Result<Box<str>, Error> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        Err(Error::Empty)
    } else if trimmed.chars().count() > LONGEST {
        Err(Error::TooLong)
    } else {
        Ok(trimmed.into())
    }
}

macro_rules! restricted_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text itself. Restricted: it must not leave the registry.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self, Error> {
                parse(text).map($name)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}

restricted_text! {
    /// A person's name, as the source wrote it.
    PersonName
}

restricted_text! {
    /// A street address, as the source wrote it.
    Address
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds() {
        assert_eq!("  ".parse::<PersonName>(), Err(Error::Empty));
        assert_eq!("x".repeat(501).parse::<Address>(), Err(Error::TooLong));
        assert_eq!(" Siti Aminah ".parse::<PersonName>().unwrap().expose(), "Siti Aminah");
    }

    proptest! {
        #[test]
        fn never_prints(text in "[a-z]{12,30}") {
            let (name, address) = (text.parse::<PersonName>().unwrap(), text.parse::<Address>().unwrap());
            let printed = format!("{name:?} {address:?} {:?}", vec![(Some(name.clone()), address.clone())]);
            prop_assert!(!printed.contains(&text));
        }
    }
}
