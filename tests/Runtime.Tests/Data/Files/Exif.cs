namespace DataSsl.Runtime.Tests.Data.Files;

/// <summary>
/// Puts an orientation into files as cameras and editors do: JPEG's APP1 segment, PNG's eXIf chunk and WebP's EXIF chunk, each with a small
/// TIFF inside.
/// </summary>
internal static class Exif
{
    public static byte[] Of(int orientation, bool little = true) => new ByteWriter(little).Bytes(little ? "II"u8 : "MM"u8).Short(42).Long(8)
        .Short(2).Short(0x010F).Short(2).Long(3).Bytes("ab\0\0"u8).Short(0x0112).Short(3).Long(1).Short(orientation).Short(0).Long(0)
            .ToArray();

    public static byte[] InJpeg(byte[] jpeg, byte[] exif) =>
        [
            .. jpeg[..2],.. Segment(0xE1, [.. "http://ns.adobe.com/xap/1.0/\0<x/>"u8]),.. Segment(0xE1, [.. "Exif\0\0"u8, .. exif]),
            .. jpeg[2..],
        ];

    public static byte[] InPng(byte[] png, byte[] exif) => [.. png[..33], .. Png.Chunk("eXIf"u8, exif), .. png[33..]];

    public static byte[] InWebP(byte[] webP, int width, int height, byte[] exif) =>
        WebP.Container(width, height, 8, [.. webP[12..], .. WebP.Chunk("EXIF"u8, exif)]);

    private static byte[] Segment(byte marker, byte[] content) =>
        new ByteWriter(little: false).Bytes(0xFF, marker).Short(content.Length + 2).Bytes(content).ToArray();
}
