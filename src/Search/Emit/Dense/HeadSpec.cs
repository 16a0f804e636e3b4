namespace DataSsl.Search.Emit.Dense;

/// <summary>What an emitted network for a dense task has on its backbone.</summary>
/// <param name="Classes">What its labels stand for, from 0.</param>
public abstract record HeadSpec(IReadOnlyList<string> Classes);

/// <summary>FCOS on a feature pyramid of C3 to C5; the settings are those that it was trained and evaluated with.</summary>
/// <param name="Width">Channels of the pyramid and the head.</param>
/// <param name="Depth">Convolutions before the logits, and before the boxes.</param>
/// <param name="Groups">Of each one's norm.</param>
/// <param name="Score">Detections above it stay.</param>
/// <param name="Overlap">Of two of a class that overlap more the worse one goes.</param>
/// <param name="Candidates">The best of each map that compete.</param>
/// <param name="Most">Detections of an image, at most.</param>
public sealed record FcosSpec(
    IReadOnlyList<string> Classes, int Width, int Depth, int Groups, double Score, double Overlap, int Candidates, int Most)
    : HeadSpec(Classes);

/// <summary>A fully convolutional head: scores on C5, and on finer maps before it.</summary>
/// <param name="Finer">Maps before C5 that have scores too.</param>
public sealed record FcnSpec(IReadOnlyList<string> Classes, int Finer) : HeadSpec(Classes);
