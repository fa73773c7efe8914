//! The tables of the catalogue as diesel sees them; the truth is in
//! `migrations/catalogue`, and the tests hold the two against each other.

diesel::table! {
    log_entries (version) {
        version -> BigInt,
        action -> Text,
        release_name -> Text,
        manifest_sha256 -> Nullable<Text>,
        reason -> Nullable<Text>,
        at -> Text,
    }
}

diesel::table! {
    releases (id) {
        id -> BigInt,
        name -> Text,
        admitted_at -> Text,
        manifest_sha256 -> Text,
        edition_id -> Nullable<BigInt>,
        edition -> Nullable<Text>,
        edition_as_of -> Nullable<Integer>,
        simulated -> Bool,
        manifest -> Text,
        signature -> Text,
        withdrawn_version -> Nullable<BigInt>,
        withdrawn_at -> Nullable<Text>,
        withdrawn_reason -> Nullable<Text>,
        rows_from -> Nullable<Text>,
        correction_of -> Nullable<Text>,
        correction_reason -> Nullable<Text>,
        expected_on -> Nullable<Text>,
    }
}

diesel::table! {
    files (release_id, path) {
        release_id -> BigInt,
        path -> Text,
        bytes -> BigInt,
        row_count -> BigInt,
        sha256 -> Text,
    }
}

diesel::table! {
    editions (id) {
        id -> BigInt,
        district -> BigInt,
        name -> Text,
        content_sha256 -> Text,
    }
}

diesel::table! {
    lists (id) {
        id -> BigInt,
        edition_id -> BigInt,
        program -> Text,
        atoms -> BigInt,
        units -> BigInt,
    }
}

diesel::table! {
    atoms (list_id, atom) {
        list_id -> BigInt,
        atom -> BigInt,
        low -> BigInt,
        pool -> BigInt,
        sex -> SmallInt,
        age_band -> SmallInt,
        family_size -> SmallInt,
        units -> BigInt,
    }
}

diesel::table! {
    series (id) {
        id -> BigInt,
        release_id -> BigInt,
        kind -> SmallInt,
        program -> Text,
        cells -> BigInt,
    }
}

diesel::table! {
    cells (series_id, low, pool, measure, category) {
        series_id -> BigInt,
        low -> BigInt,
        pool -> BigInt,
        measure -> SmallInt,
        category -> Text,
        level -> SmallInt,
        value -> Nullable<BigInt>,
        status -> SmallInt,
        group_id -> Nullable<BigInt>,
        as_of -> Integer,
        issue -> Nullable<BigInt>,
    }
}

diesel::table! {
    pools (id) {
        id -> BigInt,
        label -> Text,
    }
}

diesel::table! {
    pool_members (pool_id, low) {
        pool_id -> BigInt,
        low -> BigInt,
        high -> BigInt,
    }
}
