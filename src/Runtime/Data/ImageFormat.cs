namespace DataSsl.Runtime.Data;

/// <summary>The kinds of image file that are read, told by their first bytes: a file's name says nothing.</summary>
internal enum ImageFormat
{
    Jpeg,
    Png,
    WebP,
    Tiff,
    Bmp,
    Gif,
}
