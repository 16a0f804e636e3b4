namespace DataSsl.Search.Onnx;

/// <summary>What of a network is computed in 8 bits.</summary>
/// <param name="Range">Of a value, by its name in the graph of 32 bits without maps.</param>
/// <param name="Takes">
/// Whether a layer is, by its key in the state dict; that of a block stands for the sum with its shortcut. The others stay in 32 bits.
/// </param>
public sealed record EightBits(Func<string, ByteRange> Range, Func<string, bool> Takes)
{
    /// <summary>Told the range of what each layer takes that is computed in 8 bits.</summary>
    public Action<string, ByteRange>? Input { get; init; }
}
