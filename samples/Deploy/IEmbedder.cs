namespace Deploy;

/// <summary>
/// A network that turns a picture of any size into its embedding; how the picture comes to the network's size is the network's affair.
/// </summary>
internal interface IEmbedder : IDisposable
{
    /// <param name="rgb">[height, width, 3]: red, green and blue of each pixel.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    float[] Embed(byte[] rgb, int width, int height);
}
