using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace DataSsl.Runtime.Tests.Observing;

/// <summary>
/// Reads TensorBoard's event files by their definitions alone: TFRecord with a bitwise CRC-32C, messages by protobuf's wire format.
/// </summary>
internal static class TfRecords
{
    /// <summary>The version, then "step tag value" of each scalar, a line each.</summary>
    public static string Read(string path)
    {
        var data = File.ReadAllBytes(path).AsSpan();
        var lines = new List<string>();
        while (data.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(data);
            Assert.Equal(BinaryPrimitives.ReadUInt32LittleEndian(data[8..]), Checksum(data[..8]));
            Assert.Equal(BinaryPrimitives.ReadUInt32LittleEndian(data[(12 + length)..]), Checksum(data.Slice(12, length)));
            var record = Fields(data.Slice(12, length));
            data = data[(16 + length)..];
            if (record.TryGetValue(3, out var version))
            {
                lines.Add(Encoding.UTF8.GetString(version.Single()));
                continue;
            }
            Assert.InRange(BinaryPrimitives.ReadDoubleLittleEndian(record[1].Single()), 1.7e9, 4e9);
            foreach (var scalar in Fields(record[5].Single())[1].Select(bytes => Fields(bytes)))
            {
                var (step, value) = (BinaryPrimitives.ReadInt64LittleEndian(record[2].Single()),
                    BinaryPrimitives.ReadSingleLittleEndian(scalar[2].Single()));
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{step} {Encoding.UTF8.GetString(scalar[1].Single())} {value:F6}"));
            }
        }
        return string.Join('\n', lines);
    }

    /// <summary>A message's values by the numbers of their fields, integers as 8 bytes.</summary>
    private static Dictionary<ulong, List<byte[]>> Fields(ReadOnlySpan<byte> message)
    {
        var fields = new Dictionary<ulong, List<byte[]>>();
        while (message.Length > 0)
        {
            var key = Varint(ref message);
            var integer = new byte[8];
            if ((key & 7) == 0) BinaryPrimitives.WriteUInt64LittleEndian(integer, Varint(ref message));
            var length = (key & 7) switch
            {
                0 => 0,
                1 => 8,
                2 => (int)Varint(ref message),
                5 => 4,
                _ => throw new InvalidDataException($"wire type {key & 7}"),
            };
            if (!fields.TryGetValue(key >> 3, out var values)) fields.Add(key >> 3, values = []);
            values.Add((key & 7) == 0 ? integer : message[..length].ToArray());
            message = message[length..];
        }
        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        var (value, shift) = (0ul, 0);
        for (; ; shift += 7)
        {
            var part = data[0];
            data = data[1..];
            value |= (ulong)(part & 127) << shift;
            if (part < 128) return value;
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        var crc = 0xffffffffu;
        foreach (var part in data)
        {
            crc ^= part;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) == 1 ? 0x82f63b78u : 0);
        }
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }
}
