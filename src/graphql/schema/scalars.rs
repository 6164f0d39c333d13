//! The schema's own scalars.

use async_graphql::{Description, InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::domain::{Day, Timestamp};
use crate::limits::LONG_MAX;

/// An integer beyond 32 bits, from -(2^53-1) to 2^53-1, as a JSON number: money in đồng, versions
/// (số nguyên lớn).
#[derive(Description, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Long(pub i64);

#[Scalar(use_type_description, name = "Long")]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::Number(number) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        match number.as_i64() {
            Some(long) if (-LONG_MAX..=LONG_MAX).contains(&long) => Ok(Self(long)),
            _ => Err(InputValueError::custom("Long is an integer of at most 2^53-1")),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Number(number)
            if number.as_i64().is_some_and(|long| (-LONG_MAX..=LONG_MAX).contains(&long)))
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// A calendar day in Việt Nam (UTC+7), ISO 8601: 2022-05-31 (ngày).
#[derive(Description, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub Day);

#[Scalar(
    use_type_description,
    name = "Date",
    specified_by_url = "https://scalars.graphql.org/andimarek/local-date"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        Day::parse(text).map(Self).map_err(InputValueError::custom)
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if Day::parse(text).is_ok())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A moment, RFC 3339 with an offset: 2022-05-31T23:59:59.000+07:00 (thời điểm).
#[derive(Description, Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

#[Scalar(
    use_type_description,
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/andimarek/date-time"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        Timestamp::parse(text).map(Self).map_err(InputValueError::custom)
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if Timestamp::parse(text).is_ok())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339())
    }
}
