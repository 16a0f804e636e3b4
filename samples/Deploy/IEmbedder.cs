namespace Deploy;

/// <summary>A network that turns an image [3, side, side], channels normalised, into its embedding.</summary>
internal interface IEmbedder : IDisposable
{
    float[] Embed(float[] image);
}
