namespace DataSsl.Search.Networks;

/// <summary>An emitted class's method that takes a picture; it is bound to one network, since reflection passes no spans.</summary>
/// <param name="rgb">[height, width, 3].</param>
/// <param name="width">Columns of the picture.</param>
/// <param name="height">Rows of the picture.</param>
internal delegate float[] PictureCall(ReadOnlySpan<byte> rgb, int width, int height);

/// <summary>Finds such methods.</summary>
internal static class PictureCalls
{
    /// <summary>The method of a network of an emitted class: <c>Embed</c>, or <c>Classify</c> of one with a head.</summary>
    public static PictureCall Of(object network, string method) => network.GetType()
        .GetMethod(method, [typeof(ReadOnlySpan<byte>), typeof(int), typeof(int)])!.CreateDelegate<PictureCall>(network);
}
