//! A union of national size, as statements for a fresh database: units on four levels, a campaign, and
//! initiatives in the last level. The units and the period that docs/queries names are among them.

/// Units 2 to 84 are provinces, up to 1644 unions above the grassroots; the rest are grassroots.
pub fn statements(units: u32, initiatives: u32) -> Vec<String> {
    let numbers = |from: u32, to: u32| {
        format!(
            "with recursive n(i) as (select cast({from} as bigint)
                union all select i + 1 from n where i < {to})"
        )
    };
    vec![
        format!(
            "insert into units (id, code, name, kind, parent_id, foreign_invested, placeholder,
                version, updated_at)
             {} select i,
                case i when 7 then 'ldld-dong-nai' when 90 then 'ldld-740' when 1650 then 'cdcs-26383'
                    else 'u' || i end,
                'Công đoàn cơ sở số ' || i,
                case when i < 85 then 'PROVINCIAL_FEDERATION' when i < 1645
                    then 'INTERMEDIATE_UNION' else 'GRASSROOTS_UNION' end,
                case when i < 85 then 1 when i < 1645 then 2 + (i - 85) % 83
                    else 85 + (i - 1645) % 1560 end,
                0, 0, 4, 0 from n",
            numbers(2, units)
        ),
        // 22 April to 31 May 2022.
        "insert into periods (id, code, name, kind, starts_on, ends_on, owner_id, parent_id, metric,
            placeholder, version, updated_at)
         values (2, 'chien-dich-40-ngay', 'Chiến dịch 40 ngày', 'CAMPAIGN', 19104, 19143, 1, 1,
            'SUBMITTED', 0, 4, 0)"
            .to_owned(),
        format!(
            "insert into initiatives (id, key, content_hash, unit_id, title, title_words, summary,
                kind, field, confidential, benefit_vnd, status, featured, entered_by,
                submitted_at, updated_at, version)
             {} select i, 'key-' || i, 'hash-' || i,
                1645 + (i * 7919) % ({units} - 1644),
                'Cải tiến đồ gá k' || (i * 31 % 97) || ' giúp tiết kiệm ở tổ w' || (i % 5000),
                'cai tien do ga k' || (i * 31 % 97) || ' giup tiet kiem o to w' || (i % 5000),
                'Thay bộ kẹp tay bằng xi lanh khí nén, bớt hai thao tác và một lần đo lại.',
                case i % 6 when 0 then 'IDEA' when 1 then 'RESEARCH' else 'TECHNICAL' end,
                case when i % 4 = 0 then 'field ' || (i % 40) end,
                0, case when i % 2 = 0 then (i * 7919 % 5003) * 1000000 end,
                case when i % 100 < 85 then 'ACCEPTED' when i % 100 < 90 then 'REJECTED'
                    when i % 100 < 94 then 'RETURNED' else 'PENDING' end,
                0, '1',
                1650600000000 + i * (1500000000 / {initiatives}),
                1650600000000 + i * (1500000000 / {initiatives}), i + 10
             from n",
            numbers(1, initiatives)
        ),
        "insert into authors (initiative_id, position, person_id, name)
         select id, 0, unit_id * 10 + id % 8, 'Nguyễn Văn An' from initiatives"
            .to_owned(),
        // A log whose last event is missing would be another log than the one that a server knows.
        format!(
            "insert into events (version, at, tag, kind, body)
             select {initiatives} + 10, at, 7, 'DAY_BEGAN', '{{\"day\":19122}}' from counter"
        ),
        format!(
            "update counter set version = {initiatives} + 10, unit_id = {units}, period_id = 2,
                initiative_id = {initiatives}"
        ),
        "analyze".to_owned(),
    ]
}
