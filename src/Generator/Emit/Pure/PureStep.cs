namespace DataSsl.Generator.Emit.Pure;

/// <summary>A map or a run of tokens that a step gives and later ones take.</summary>
/// <param name="Channels">Of each pixel or token.</param>
/// <param name="Side">Of the map, or of the map that the tokens are of.</param>
/// <param name="Extra">Tokens before those of the map.</param>
/// <param name="Tokens">Tokens and not a map: what its shape is called.</param>
/// <param name="InBytes">In memory; otherwise in 32 bits.</param>
internal sealed record Value(int Id, int Channels, int Side, int Extra = 0, bool Tokens = false, bool InBytes = false)
{
    public int Positions => Side * Side + Extra;

    /// <summary>Channels as they lie in memory: the kernels' <c>Lanes.Padded</c>.</summary>
    public int Padded => (Channels + Alignment - 1) / Alignment * Alignment;

    /// <summary>32-bit values in memory, or the room of so many.</summary>
    public int Length => Positions * Padded / (InBytes ? sizeof(float) : 1);

    public string Shape => (Tokens ? $"[{Positions}, {Channels}]" : $"[{Channels}, {Side}, {Side}]") + (InBytes ? " in bytes" : "");

    /// <summary>Kernels may read a vector from the last value on.</summary>
    public const int Slack = Alignment;

    private const int Alignment = 16;
}

/// <summary>One pass of a kernel.</summary>
/// <param name="Segment">The segment that it belongs to.</param>
/// <param name="Field">Name of its field.</param>
/// <param name="Kernel">The kernel's class.</param>
/// <param name="Arguments">What makes it takes beside the machine.</param>
/// <param name="Added">What is added in the same pass.</param>
internal sealed record PureStep(
    string Segment, string Field, string Kernel, string Arguments, Value Input, Value Output, Value? Added = null)
{
    /// <summary>The kernel's method that makes it, whatever step that then is; empty where its constructor does.</summary>
    public string Maker { get; init; } = "";

    /// <summary>What its field is.</summary>
    public string Type => Maker.Length > 0 ? "Step" : Kernel;

    /// <summary>How it is made.</summary>
    public string New => Maker.Length > 0 ? $"{Kernel}.{Maker}" : "new";

    /// <summary>
    /// The layer's key where it multiplies bytes: what takes the layer's input as bytes knows of which range by it. Empty otherwise.
    /// </summary>
    public string Bytes { get; init; } = "";

    /// <summary>Whether its input may be bytes.</summary>
    public bool MayTakeBytes => Bytes.Length > 0 && Maker is "Linear" or "Convolution" or "Depthwise";

    /// <summary>Whether its output may be bytes, whatever its input is then.</summary>
    public bool MayGiveBytes => Positions.Length == 0 && Added is null && (Kernel, Maker) switch
    {
        ("ImageConvolution", _) or ("ByteSteps", "Linear" or "Convolution" or "Filtered") => true,
        ("ByteSteps", "Depthwise") => Input.InBytes,
        _ => false,
    };

    /// <summary>The layer whose input its output is as bytes; empty where that is in 32 bits.</summary>
    public string Gives { get; init; } = "";

    /// <summary>What makes it takes beside the machine, in all.</summary>
    public string AllArguments =>
        Arguments + (Input.InBytes ? ", takesBytes: true" : "")
            + (Gives.Length > 0 ? $", output: ByteMatrix.Taken(weights, {Names.Literal(Gives)})" : "");

    /// <summary>The positions that give the tokens of an image; empty for every other step.</summary>
    public string Positions { get; init; } = "";
}
