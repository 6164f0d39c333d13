//! A tree of units and their initiatives, made by SQL: fast, but its log is not that of its facts. Lists read facts alone.

use std::sync::Arc;

use sangkien::domain::Timestamp;
use sangkien::domain::clock::ManualClock;
use sangkien::server::Server;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

/// Makes it in an empty SQLite file.
pub async fn sqlite(url: &str, units: u32, initiatives: u32) {
    found(url).await;
    let mut conn = SqliteConnection::connect(url).await.expect("it connects");
    conn.execute("begin").await.expect("it begins");
    for sql in
        statements(units, initiatives).iter().map(String::as_str).chain(["analyze", "commit"])
    {
        conn.execute(AssertSqlSafe(sql)).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
}

/// Makes it in an empty database of PostgreSQL.
pub async fn postgres(url: &str, units: u32, initiatives: u32) {
    found(url).await;
    let mut conn = PgConnection::connect(url).await.expect("it connects");
    for sql in statements(units, initiatives).iter().map(String::as_str).chain(["vacuum analyze"]) {
        conn.execute(AssertSqlSafe(sql)).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
}

/// A server on such a database.
pub async fn open(url: &str) -> Server {
    let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").expect("a moment"));
    Server::open(url, Arc::new(clock)).await.expect("it opens")
}

/// The first rows, as a server writes them.
async fn found(url: &str) {
    open(url).await.writer.rebuild().await.expect("it writes");
}

/// Units 2 to 84 are provinces, up to 1644 unions above the grassroots; the rest are grassroots.
fn statements(units: u32, initiatives: u32) -> Vec<String> {
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
             {} select i, 'u' || i, 'Công đoàn ' || i,
                case when i < 85 then 'PROVINCIAL_FEDERATION' when i < 1645
                    then 'INTERMEDIATE_UNION' else 'GRASSROOTS_UNION' end,
                case when i < 85 then 1 when i < 1645 then 2 + (i - 85) % 83
                    else 85 + (i - 1645) % 1560 end,
                0, 0, 4, 0 from n",
            numbers(2, units)
        ),
        format!(
            "insert into initiatives (id, key, content_hash, unit_id, title, title_words, summary,
                kind, field, confidential, benefit_vnd, status, featured, entered_by,
                submitted_at, updated_at, version)
             {} select i, 'key-' || i, 'hash-of-some-length-' || i,
                1645 + (i * 7919) % ({units} - 1644),
                'Cải tiến đồ gá k' || (i * 31 % 97) || ' giúp tiết kiệm ở tổ w' || (i % 5000),
                'cai tien do ga k' || (i * 31 % 97) || ' giup tiet kiem o to w' || (i % 5000),
                'Thay bộ kẹp tay bằng xi lanh khí nén, bớt hai thao tác và một lần đo lại; đã chạy thử ba tháng ở hai tổ, không tăng phế phẩm.',
                case i % 6 when 0 then 'IDEA' when 1 then 'RESEARCH' when 2 then 'MANAGEMENT'
                    else 'TECHNICAL' end,
                case when i % 4 = 0 then 'field ' || (i % 40) end,
                case when i % 50 = 0 then 1 else 0 end,
                case when i % 2 = 0 then (i * 7919 % 5003) * 1000000 end,
                case when i % 100 < 85 then 'ACCEPTED' when i % 100 < 90 then 'REJECTED'
                    when i % 100 < 93 then 'RETURNED' when i % 100 < 94 then 'WITHDRAWN'
                    else 'PENDING' end,
                case when i % 1000 = 3 then 1 else 0 end, '1',
                1648000000000 + i * (4000000000 / {initiatives}),
                1648000000000 + i * (4000000000 / {initiatives}), i + 10
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
            "update counter set version = {initiatives} + 10, unit_id = {units},
                initiative_id = {initiatives}"
        ),
    ]
}
