namespace DataSsl.Runtime.Training.Heads;

/// <summary>The shape of a head of linear layers.</summary>
/// <param name="Hidden">Units of each layer before the last.</param>
/// <param name="Output">Units of the last.</param>
/// <param name="HiddenNorm">Whether BatchNorm follows each layer before the last.</param>
/// <param name="Gelu">GELU between the layers; ReLU otherwise.</param>
/// <param name="OutputNorm">Whether the last layer has a BatchNorm without scale and shift in the place of a bias.</param>
public sealed record MlpShape(int[] Hidden, int Output, bool HiddenNorm = false, bool Gelu = false, bool OutputNorm = false)
{
    /// <summary>Channels of each layer's output.</summary>
    public IEnumerable<int> Widths => Hidden.Append(Output);
}
