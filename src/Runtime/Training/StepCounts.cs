namespace DataSsl.Runtime.Training;

/// <summary>How often each part of a step has run.</summary>
public sealed record StepCounts(int TeacherForwards, int StudentForwards, int TeacherUpdates, int Remembered, int OptimizerSteps);
