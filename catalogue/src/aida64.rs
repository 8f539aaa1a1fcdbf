// @generated from the layout `aida64`.

/// `AIDA64_SensorValues`
///
/// The region is called `AIDA64_SensorValues` or `Global\AIDA64_SensorValues`.
///
/// A copy is whole if a second copy is equal.
///
/// `sensors` is a text in Windows-1252 (xml). It begins at 0 in the region; it ends at a NUL.
#[derive(Clone, Copy, Debug)]
pub struct Aida64SensorValues;

impl Aida64SensorValues {
    /// The name of the region.
    pub const NAME: &str = "AIDA64_SensorValues";
}
