//! The trade of a workplace: what its people write about. A school's trade is its level.

/// Beginnings of the codes of workplaces.
const BY_CODE: [(&str, &str); 14] = [
    ("cdcs-mn-", "kindergarten"),
    ("cdcs-th-", "primary"),
    ("cdcs-thcs-", "lower_secondary"),
    ("cdcs-thpt-", "high_school"),
    ("cdcs-tcyt-", "university"),
    ("cdcs-yt-", "health"),
    ("cdcs-bv-", "health"),
    ("cdcs-pk-", "health"),
    ("cdcs-kn-", "health"),
    ("cdcs-so-", "office"),
    ("cdcs-pttt-", "broadcast"),
    ("cdcs-cqld-", "union"),
    ("cdcs-y-te-", "health"),
    ("cdcs-giao-duc-", "university"),
];
/// Words in the names of a zone's enterprises.
const BY_WORD: [(&str, &str); 6] = [
    (" May ", "garment"),
    (" Cơ khí ", "mechanics"),
    (" Điện tử ", "electronics"),
    (" Gỗ ", "wood"),
    (" Giày ", "shoes"),
    (" Thực phẩm ", "food"),
];
/// The central unions, whose members have one trade each.
const BY_UNION: [(&str, &str); 16] = [
    ("cd-cong-thuong", "trade"),
    ("cd-dien-luc", "power"),
    ("cd-dau-khi", "oil_gas"),
    ("cd-than-khoang-san", "mining"),
    ("cd-thong-tin-truyen-thong", "ict"),
    ("cd-nong-nghiep-ptnt", "agriculture"),
    ("cd-hang-hai", "port"),
    ("cd-cao-su", "rubber"),
    ("cd-giao-thong-van-tai", "transport"),
    ("cd-xay-dung", "construction"),
    ("cd-cong-an-nhan-dan", "police"),
    ("cd-quoc-phong", "defence"),
    ("cd-det-may", "garment"),
    ("cd-ngan-hang", "bank"),
    ("cd-vien-chuc", "office"),
    ("cd-duong-sat", "railway"),
];

/// The trade of a workplace, by its direct unit, its own code and its name. Communes have the one that is left.
pub fn trade(direct: &str, code: &str, name: &str) -> &'static str {
    let by_code = BY_CODE.iter().find(|(begins, _)| code.starts_with(begins));
    let by_union = || BY_UNION.iter().find(|(union, _)| *union == direct);
    let by_word = || BY_WORD.iter().find(|(word, _)| name.contains(word));
    by_code.or_else(by_union).or_else(by_word).map_or("commune", |(_, trade)| trade)
}
