namespace DataSsl.Generator.Plan;

/// <summary>What a step of a <see cref="Schedule"/> gives of one image, and later ones take: a map [C, H, W], or tokens [T, C].</summary>
/// <param name="Id">The schedule's number of it.</param>
/// <param name="Room">The value in whose memory it lies: its own, or that of one which was written over.</param>
/// <param name="Channels">Of each pixel or token.</param>
/// <param name="Side">Of the map, or of the map that the tokens are of.</param>
/// <param name="Extra">Tokens before those of the map.</param>
/// <param name="Tokens">Tokens, and not a map.</param>
public sealed record Value(int Id, int Room, int Channels, int Side, int Extra = 0, bool Tokens = false)
{
    /// <summary>Pixels of the map, or all tokens.</summary>
    public long Positions => (long)Side * Side + Extra;

    /// <summary>Numbers of it.</summary>
    public long Elements => Positions * Channels;
}

/// <summary>How long memory is needed: from the step that first writes there to the last that reads.</summary>
/// <param name="Value">What first lies there; what is written over it is as large.</param>
/// <param name="First">The step that makes it; the image is there at the first.</param>
/// <param name="Last">The last that takes it; the number of all steps where it is a result.</param>
public sealed record Life(Value Value, int First, int Last)
{
    /// <summary>Whether both are needed at one moment.</summary>
    public bool Meets(Life other) => First <= other.Last && other.First <= Last;
}
