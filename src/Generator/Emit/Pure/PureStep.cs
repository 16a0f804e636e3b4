using DataSsl.Generator.Plan;

namespace DataSsl.Generator.Emit.Pure;

/// <summary>A step of the schedule as the pass of a kernel.</summary>
/// <param name="Of">The step.</param>
/// <param name="Field">Name of its field.</param>
/// <param name="Kernel">The kernel's class.</param>
/// <param name="Arguments">What makes it takes beside the machine.</param>
internal sealed record PureStep(ScheduleStep Of, string Field, string Kernel, string Arguments)
{
    /// <summary>The kernel's method that makes it, whatever step that then is; empty where its constructor does.</summary>
    public string Maker { get; init; } = "";

    /// <summary>What its field is.</summary>
    public string Type => Maker.Length > 0 ? "Step" : Kernel;

    /// <summary>How it is made.</summary>
    public string New => Maker.Length > 0 ? $"{Kernel}.{Maker}" : "new";

    /// <summary>Whether its input may be bytes.</summary>
    public bool MayTakeBytes => Maker is "Linear" or "Convolution" or "Depthwise";

    /// <summary>Whether its output may be bytes, whatever its input is then.</summary>
    public bool MayGiveBytes => Positions.Length == 0 && Of.Added is null && (Kernel, Maker) switch
    {
        ("ImageConvolution", _) or ("ByteSteps", "Linear" or "Convolution" or "Filtered") => true,
        ("ByteSteps", "Depthwise") => TakesBytes,
        _ => false,
    };

    /// <summary>Whether its input is bytes; otherwise it is in 32 bits.</summary>
    public bool TakesBytes { get; init; }

    /// <summary>The layer whose input its output is as bytes; empty where that is in 32 bits.</summary>
    public string Gives { get; init; } = "";

    /// <summary>What makes it takes beside the machine, in all.</summary>
    public string AllArguments =>
        Arguments + (TakesBytes ? ", takesBytes: true" : "")
            + (Gives.Length > 0 ? $", output: ByteMatrix.Taken(weights, {Names.Literal(Gives)})" : "");

    /// <summary>The positions that give the tokens of an image; empty for every other step.</summary>
    public string Positions { get; init; } = "";

    /// <summary>The shape of what it gives.</summary>
    public string Shape => Of.Output is var value && value.Tokens
        ? $"[{value.Positions}, {value.Channels}]"
        : $"[{value.Channels}, {value.Side}, {value.Side}]" + (Gives.Length > 0 ? " in bytes" : "");
}
