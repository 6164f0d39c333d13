//! The page of the schema's reference: it has all of the schema, and its links lead somewhere.

use std::collections::BTreeSet;

use crate::descriptions::parts;
use crate::harness::World;

/// The texts between such marks.
fn between<'a>(page: &'a str, start: &str, end: &str) -> BTreeSet<&'a str> {
    page.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[tokio::test]
async fn every_part_of_the_schema_has_its_place() {
    let world = World::start().await;
    let answer = world.get("/schema").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    let page = answer.text().await.unwrap();
    let places = between(&page, " id=\"", "\"");
    let specified = ["Boolean", "Float", "ID", "Int", "String"];
    let text = page.replace('\n', " ");
    let mut expected = 0;
    for part in parts().await {
        let name = part.path.split('.').next().unwrap();
        let is_ours = !name.is_empty() && !name.starts_with(['@', '_']);
        if !is_ours || specified.contains(&name) {
            continue;
        }
        assert!(places.contains(&*part.path), "{}", part.path);
        for word in part.terms() {
            assert!(text.contains(word), "{}: {word}", part.path);
        }
        expected += 1;
    }
    assert!(expected > 300 && places.len() == expected, "{expected}, {}", places.len());
    let links = between(&page, "href=\"#", "\"");
    assert!(links.len() > 50 && links.is_subset(&places), "{:?}", links.difference(&places));
    let [styles] = between(&page, "<link rel=\"stylesheet\" href=\"", "\"")
        .into_iter()
        .collect::<Vec<_>>()[..]
    else {
        panic!("one file of styles")
    };
    assert_eq!(world.get(&format!("/{styles}")).send().await.unwrap().status(), 200);
}
