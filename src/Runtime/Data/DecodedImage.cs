namespace DataSsl.Runtime.Data;

/// <summary>
/// A picture that was just decoded. Its pixels may lie in native memory, which is given back when this is disposed; the picture must not be
/// used after that.
/// </summary>
/// <param name="Image">The picture.</param>
/// <param name="Owner">What holds the pixels; null where the garbage collector does.</param>
/// <param name="Place">The memory that it took of what decoders share.</param>
internal readonly record struct DecodedImage(Image Image, IDisposable? Owner = null, DecodingRoom.Place Place = default) : IDisposable
{
    /// <summary>The picture with memory of its own, to be used after this is disposed.</summary>
    public Image ToKeep() => Owner is null ? Image : Image with { Pixels = Image.Pixels.ToArray() };

    /// <inheritdoc/>
    public void Dispose()
    {
        Owner?.Dispose();
        Place.Dispose();
    }
}
