using DataSsl.Search.Scores;

namespace DataSsl.Search.Results;

/// <summary>What a walk keeps of a candidate.</summary>
/// <param name="Scores">By task, in the tasks' order.</param>
/// <param name="Units">Likeness by task and unit of images, [tasks, units] row by row (<see cref="ImageUnits"/>).</param>
public sealed record Scored(double[] Scores, float[] Units);
