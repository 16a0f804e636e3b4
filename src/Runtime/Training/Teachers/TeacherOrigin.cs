namespace DataSsl.Runtime.Training.Teachers;

/// <summary>What a foreign teacher is shown.</summary>
public enum TeacherViews
{
    /// <summary>Each image as it is, once and before training: all its views have one target.</summary>
    Clean,

    /// <summary>Every view that a student sees.</summary>
    Same,
}

/// <summary>The frozen network that a run learns from.</summary>
/// <param name="Weights">Its file, or the name of such as come with the program.</param>
/// <param name="Hash">First 16 hex digits of the file's SHA-256.</param>
/// <param name="Architecture">What it is, as canonical text after its space's name; null where the file says what it computes.</param>
/// <param name="Size">Side in pixels of the images that it is shown.</param>
/// <param name="Dimension">Length of its embedding.</param>
/// <param name="Views">What it is shown.</param>
/// <param name="OfRun">Whether the weights are a run's, which may have many networks.</param>
public sealed record TeacherOrigin(
    string Weights, string Hash, string? Architecture, int Size, int Dimension, TeacherViews Views = TeacherViews.Clean, bool OfRun = false)
{
    /// <summary>Which network of a run it is; null for other teachers, which are one network.</summary>
    public string? NetworkOfRun() => this is { OfRun: true, Architecture: { } text } ? text.Split(' ', 2)[1] : null;

    /// <summary>In a line, as the artifacts that come of the run say it.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Weights} ({Hash}){(Architecture is null ? "" : $", {Architecture}")}, at {Size} px");
}
