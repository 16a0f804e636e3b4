using System.Numerics;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>
/// A number that objectives take, by the name that it has on the command line and in recipes. Those that mean the same share it.
/// </summary>
/// <param name="Name">Without dashes.</param>
/// <param name="Help">What it is, and what it is where nobody says; objectives that are few are named before it by themselves.</param>
/// <param name="Value">What stands for the number in help.</param>
public abstract record Knob(string Name, string Help, string Value);

/// <summary>One of a type.</summary>
/// <param name="Bounds">What it can be.</param>
public sealed record Knob<T>(string Name, Bounds<T> Bounds, string Help, string Value = "N")
    : Knob(Name, Help, Value) where T : struct, INumber<T>, IMinMaxValue<T>;

/// <summary>Those that several objectives take; what one alone takes stands in its file.</summary>
public static class Knobs
{
    /// <summary>Length of z.</summary>
    public static Knob<int> Dimension { get; } = new("dimension", ObjectiveBounds.Dimension, "Length of z. Default: the paper's.");

    /// <summary>Hidden units of the heads.</summary>
    public static Knob<int> Hidden { get; } = new(
        "hidden", ObjectiveBounds.HiddenOrNone,
        "Hidden units of the heads; 0, for distill alone, is a head of one matrix. Default: the paper's for 2,048 channels, fewer where "
            + "the embedding has fewer.");

    /// <summary>Keys kept between steps.</summary>
    public static Knob<int> Queue { get; } = new(
        "queue", ObjectiveBounds.Queue,
        "Keys kept. Default: the paper's, or a quarter of the images where they are fewer; distill: at most one an image; swav: 15 "
            + "batches, 0 for none.");

    /// <summary>tau of the student's logits, which are divided by it.</summary>
    public static Knob<double> Temperature { get; } = new(
        "temperature", ObjectiveBounds.Temperature, "tau of the student's logits. Default: the paper's.", "X");

    /// <summary>tau of the teacher's logits, which are divided by it.</summary>
    public static Knob<double> TeacherTemperature { get; } = new(
        "teacher-temperature", ObjectiveBounds.Temperature, "tau of the teacher's.", "X");

    /// <summary>m of the momentum encoder: what of its weights stays in a step.</summary>
    public static Knob<double> TeacherMomentum { get; } = new(
        "teacher-momentum", ObjectiveBounds.Momentum,
        "m of the momentum encoder; byol and dino: at the start, it grows to 1. Default: the paper's; moco-v2, densecl: 0.99 to it in runs "
            + "under 5,000 steps, so that it averages over a fifth of them.",
        "M");

    /// <summary>Unit vectors that z is compared with, or outputs of a last layer.</summary>
    public static Knob<int> Prototypes { get; } = new(
        "prototypes", ObjectiveBounds.Prototypes,
        "Prototypes, or outputs. Default: the paper's, or a sixteenth of the images where that is less.");

    /// <summary>Epochs at the beginning that leave the prototypes alone.</summary>
    public static Knob<int> Freeze { get; } = new(
        "freeze", ObjectiveBounds.FirstEpochs, "Epochs at the beginning that leave the prototypes alone.", "EPOCHS");
}
