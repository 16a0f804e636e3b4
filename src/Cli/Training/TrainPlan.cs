using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;
using DataSsl.Torch;

namespace DataSsl.Cli.Training;

/// <summary>What a run will take on this machine, from closed forms and a probe.</summary>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="SecondsPerStep">Median of the probe.</param>
/// <param name="Seconds">The whole run, saving and decoding included.</param>
/// <param name="MacsPerImage">Multiply-accumulates of one step for one image: the teacher's forward pass, the students' forward and, at
/// twice that, backward passes.</param>
/// <param name="Parameters">Of the supernet and its projection head.</param>
/// <param name="PeakBytes">The largest memory of the process while it probed.</param>
/// <param name="DiskBytes">All checkpoints of the run's folder at once, the one that is being written included.</param>
internal sealed record TrainPlan(
    long Steps, double SecondsPerStep, double Seconds, long MacsPerImage, long Parameters, long PeakBytes, long DiskBytes)
{
    public const string FileName = "plan.json";

    /// <summary>Thirty years.</summary>
    private const double MostSeconds = 1e9;

    public string ToJson() => JsonSerializer.Serialize(this, TrainPlanJson.Default.TrainPlan);

    public void Write(string folder) => SealedJson.Write(Path.Combine(folder, FileName), ToJson());

    /// <summary>The plan of a run's folder; null where none was made.</summary>
    /// <exception cref="UserException">The file is not a plan.</exception>
    public static TrainPlan? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!Path.Exists(path)) return null;
        return SealedJson.Read(path, "no such file", "a plan", "remove it or make it again with 'datassl plan'", text =>
            JsonSerializer.Deserialize(text, TrainPlanJson.Default.TrainPlan) is { IsSound: true } plan
                ? plan
                : throw new JsonException("a number in it is none that a run could have"));
    }

    /// <summary>Whether each number is one that a run could have: everything is divided by some of them.</summary>
    [JsonIgnore]
    public bool IsSound =>
        Steps > 0 && MacsPerImage > 0 && Parameters > 0 && PeakBytes > 0 && DiskBytes > 0 && SecondsPerStep is > 0 and < MostSeconds
            && Seconds is > 0 and < MostSeconds;

    /// <summary>Plan and fact beside one another.</summary>
    public string Against(long steps, TimeSpan elapsed)
    {
        var planned = Seconds * steps / Steps;
        return string.Create(CultureInfo.InvariantCulture,
            $"planned {Wording.Short(TimeSpan.FromSeconds(planned))} and {PeakBytes / 1048576.0:0} MiB; took {Wording.Short(elapsed)} ({100 * (elapsed.TotalSeconds / planned - 1):+0;-0;0} %) and {ProcessMemory.PeakBytes() / 1048576.0:0} MiB");
    }

    /// <summary>Tells it, with what it is of.</summary>
    public void Print(TrainOptions options)
    {
        Output.Line(
            $"{options.Space} on {options.Data}{(options.Tiles is { } tiles ? $" in tiles of {tiles}" : "")}, {options.Size} px, batch {options.Batch}, {Wording.Count(options.Epochs, "epoch")}{(options.From is { } origin ? $", from {origin.Weights}" : "")}{(options.Teacher is { } teacher ? $", under {teacher}" : "")}");
        Output.Line(
            $"  work    {Wording.Count(Steps, "step")} of {MacsPerImage * options.Batch / 1e9:0.0} GMACs; {Parameters:N0} parameters");
        Output.Line(
            $"  time    {Wording.Short(TimeSpan.FromSeconds(Seconds))} at {SecondsPerStep:0.000} s a step ({options.Batch / SecondsPerStep:0} images/s)");
        Output.Line($"  memory  {PeakBytes / 1048576.0:N0} MiB");
        Output.Line($"  disk    {DiskBytes / 1048576.0:N0} MiB of checkpoints");
    }
}

[
    JsonSourceGenerationOptions(
        WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false, NewLine = "\n"),
]
[JsonSerializable(typeof(TrainPlan))]
internal sealed partial class TrainPlanJson : JsonSerializerContext;
