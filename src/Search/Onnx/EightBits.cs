namespace DataSsl.Search.Onnx;

/// <summary>What of a network is computed in 8 bits.</summary>
/// <param name="Range">Of a value, by its name in the graph of 32 bits without maps.</param>
/// <param name="Takes">
/// Whether a layer is, by its key in the state dict; that of a block stands for the sum with its shortcut. The others stay in 32 bits.
/// </param>
public sealed record EightBits(Func<string, ByteRange> Range, Func<string, bool> Takes)
{
    /// <summary>Told the value that each layer takes which is computed in 8 bits, by the name that its range is asked for by.</summary>
    public Action<string, string>? Input { get; init; }
}
