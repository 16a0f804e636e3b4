namespace DataSsl.Runtime.Tests.Data.Files;

/// <summary>GIFs of 128 colours, whose codes are never allowed to grow, so that a code is a pixel.</summary>
internal static class Gif
{
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="palette">128 colours of red, green and blue.</param>
    /// <param name="frames">For each picture the colour of every pixel.</param>
    public static byte[] Of(int width, int height, byte[] palette, params byte[][] frames)
    {
        var file = new ByteWriter(little: true).Bytes("GIF89a"u8).Short(width).Short(height).Bytes(0xF6, 0, 0).Bytes(palette);
        foreach (var frame in frames)
        {
            file.Bytes(0x21, 0xF9, 4, 0, 10, 0, 0, 0).Bytes(0x2C).Short(0).Short(0).Short(width).Short(height).Bytes(0, 7);
            var codes = new List<byte>();
            for (var i = 0; i < frame.Length; i++)
            {
                // 128 starts the table of codes anew, before it needs longer ones.
                if (i % 100 == 0) codes.Add(128);
                codes.Add(frame[i]);
            }
            codes.Add(129);
            foreach (var block in codes.Chunk(255)) file.Bytes((byte)block.Length).Bytes(block);
            file.Bytes(0);
        }
        return file.Bytes(0x3B).ToArray();
    }
}
