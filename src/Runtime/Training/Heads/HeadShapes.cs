namespace DataSsl.Runtime.Training.Heads;

/// <summary>What an objective hangs on a network.</summary>
/// <param name="Projector">From the embedding to z.</param>
/// <param name="Predictor">From the student's z to the teacher's; the teacher has none.</param>
/// <param name="Dense">From each position of the last map to a z of its own.</param>
/// <param name="Prototypes">How many unit vectors z is compared with; 0 for none.</param>
/// <param name="Foreign">From the student's embedding to a foreign teacher's, where z is something else.</param>
public sealed record HeadShapes(MlpShape Projector, MlpShape? Predictor = null, MlpShape? Dense = null, int Prototypes = 0, MlpShape? Foreign = null);
