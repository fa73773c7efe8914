//! The tables as diesel sees them; what they mean stands in the migrations.

diesel::table! {
    imports (id) {
        id -> BigInt,
        layout -> Text,
        period -> Text,
        file -> Text,
        sha256 -> Text,
        mode -> Text,
        simulated -> Bool,
        scope -> Nullable<Text>,
        programs -> BigInt,
        read_rows -> BigInt,
        accepted_rows -> BigInt,
        rejected_rows -> BigInt,
        new_rows -> BigInt,
        changed_rows -> BigInt,
        unchanged_rows -> BigInt,
        left_rows -> BigInt,
        imported_at -> Text,
        form -> Text,
        warned_rows -> BigInt,
        passed_rows -> BigInt,
    }
}

diesel::table! {
    dtks_rows (id) {
        id -> BigInt,
        nik -> BigInt,
        nokk -> BigInt,
        kelurahan -> BigInt,
        programs -> BigInt,
        sex -> Nullable<Text>,
        birth_date -> Nullable<Text>,
        name -> Text,
        address -> Text,
        rt -> Text,
        rw -> Text,
        digest -> BigInt,
    }
}

diesel::table! {
    kks_rows (id) {
        id -> BigInt,
        nik -> BigInt,
        program -> Text,
        stage -> BigInt,
        amount -> BigInt,
        card_number -> Text,
        name -> Text,
    }
}

diesel::table! {
    pbi_rows (id) {
        id -> BigInt,
        nik -> BigInt,
        active -> Bool,
        status -> Text,
        card_number -> Text,
        name -> Text,
    }
}

diesel::table! {
    plan_rows (id) {
        id -> BigInt,
        period -> Text,
        kecamatan -> BigInt,
        program -> Text,
        planned_units -> Nullable<BigInt>,
        planned_rupiah -> Nullable<BigInt>,
        failed -> Nullable<BigInt>,
        returned -> Nullable<BigInt>,
        poor_households -> Nullable<BigInt>,
        source -> Text,
    }
}

diesel::table! {
    verification_rows (id) {
        id -> BigInt,
        nik -> BigInt,
        round -> Text,
        date -> Text,
        outcome -> Text,
    }
}

diesel::table! {
    death_rows (id) {
        id -> BigInt,
        nik -> BigInt,
        date_of_death -> Text,
    }
}

diesel::table! {
    rejected_rows (id) {
        id -> BigInt,
        column_name -> Text,
        reason -> Text,
        value_class -> Text,
        raw -> Text,
        detail -> Text,
    }
}

diesel::table! {
    findings (row_id, kind) {
        row_id -> BigInt,
        kind -> Text,
        found_by -> BigInt,
    }
}

diesel::table! {
    sealed_periods (period) {
        period -> Text,
        sealed_at -> Text,
    }
}

diesel::table! {
    import_sheets (import, sheet) {
        import -> BigInt,
        sheet -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    import_columns (import, sheet, place) {
        import -> BigInt,
        sheet -> BigInt,
        place -> BigInt,
        header -> Text,
        name -> Text,
    }
}

diesel::table! {
    warnings (row_id, kind) {
        row_id -> BigInt,
        kind -> Text,
        column_name -> Text,
    }
}

diesel::table! {
    corrected_rows (row_id, corrected_by) {
        row_id -> BigInt,
        corrected_by -> BigInt,
    }
}

diesel::table! {
    rank_rows (id) {
        id -> BigInt,
        nik -> Nullable<BigInt>,
        nokk -> Nullable<BigInt>,
        household -> Text,
        kelurahan -> Nullable<BigInt>,
        desil -> Nullable<BigInt>,
        percentile -> Text,
        rank_national -> Nullable<BigInt>,
        rank_province -> Nullable<BigInt>,
        rank_district -> Nullable<BigInt>,
        year -> Nullable<BigInt>,
        name -> Text,
    }
}

diesel::table! {
    listing_rows (id) {
        id -> BigInt,
        nik -> BigInt,
        list -> Text,
        institution -> Text,
        listed_on -> Nullable<Text>,
        name -> Text,
    }
}

diesel::table! {
    complaint_rows (id) {
        id -> BigInt,
        received -> Text,
        closed -> Nullable<Text>,
        channel -> Text,
        category -> Text,
        kecamatan -> BigInt,
        program -> Nullable<Text>,
        outcome -> Text,
    }
}

diesel::table! {
    proposal_rows (id) {
        id -> BigInt,
        nik -> BigInt,
        nokk -> BigInt,
        program -> Text,
        kelurahan -> Nullable<BigInt>,
        name -> Text,
        sex -> Nullable<Text>,
        birth_date -> Nullable<Text>,
        address -> Text,
        rt -> Text,
        rw -> Text,
    }
}

diesel::table! {
    proposal_result_rows (id) {
        id -> BigInt,
        nik -> BigInt,
        program -> Text,
        kelurahan -> Nullable<BigInt>,
        result -> Text,
        matched -> Text,
        name -> Text,
        note -> Text,
    }
}

diesel::table! {
    rounds (id) {
        id -> BigInt,
        name -> Text,
        period -> Text,
        programs -> Text,
        kecamatan -> Text,
        unverified_since -> Nullable<BigInt>,
        with_findings -> Bool,
        simulated -> Bool,
        opened_by -> Text,
        opened_at -> Text,
    }
}

diesel::table! {
    round_people (round, kelurahan, nik) {
        round -> BigInt,
        kelurahan -> BigInt,
        nik -> BigInt,
        programs -> BigInt,
        row_id -> BigInt,
    }
}

diesel::table! {
    round_events (id) {
        id -> BigInt,
        round -> BigInt,
        event -> Text,
        done_by -> Text,
        done_at -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(findings, dtks_rows);
diesel::allow_tables_to_appear_in_same_query!(rejected_rows, corrected_rows);

diesel::table! {
    decisions (id) {
        id -> BigInt,
        rule -> Text,
        subject -> Text,
        ground -> Text,
        decision -> Text,
        period -> Text,
        decided_by -> Text,
        decided_at -> Text,
        source -> Text,
        note -> Text,
    }
}

diesel::table! {
    member_rows (id) {
        id -> BigInt,
        nik -> BigInt,
        nokk -> Nullable<BigInt>,
        household -> Text,
        relation -> Text,
        name -> Text,
        sex -> Nullable<Text>,
        birth_date -> Nullable<Text>,
        occupation -> Text,
    }
}

diesel::table! {
    recipient_rows (id) {
        id -> BigInt,
        nik -> BigInt,
        program -> Text,
        stage -> Text,
        kelurahan -> Nullable<BigInt>,
        name -> Text,
        sex -> Nullable<Text>,
        birth_date -> Nullable<Text>,
        address -> Text,
        rt -> Text,
        rw -> Text,
    }
}
diesel::allow_tables_to_appear_in_same_query!(dtks_rows, round_people);

diesel::table! {
    duplicate_searches (id) {
        id -> BigInt,
        period -> Text,
        digest -> Text,
        people -> BigInt,
        compared -> BigInt,
        not_compared -> BigInt,
        searched_at -> Text,
    }
}

diesel::table! {
    possible_duplicates (search, one, other) {
        search -> BigInt,
        one -> BigInt,
        other -> BigInt,
        weight -> Double,
        probability -> Double,
    }
}
