namespace Unroll.Training;

/// <summary>A part of the data of a run, by which a run that is resumed knows its data again.</summary>
/// <param name="Name">What errors call it: <c>training part</c>.</param>
/// <param name="Sha256">A hash of all that is in it, in its order; lower-case hexadecimal digits.</param>
public sealed record DataPart(string Name, string Sha256);
