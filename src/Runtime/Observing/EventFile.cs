using System.Buffers.Binary;
using System.Numerics;
using DataSsl.Runtime.Storage;
using Google.Protobuf;

namespace DataSsl.Runtime.Observing;

/// <summary>
/// A TensorBoard event file of scalars. Each record is a length, its checksum, a protobuf <c>Event</c> and its checksum; checksums are
/// CRC-32C, masked as TFRecord does.
/// </summary>
/// <remarks>
/// Only four fields of two messages are needed, so they are written field by field: Event (1 wall_time, 2 step, 3 file_version, 5 summary),
/// Summary.Value (1 tag, 2 simple_value).
/// </remarks>
public sealed class EventFile : IDisposable
{
    private readonly GrowingFile file;

    /// <summary>Makes the file, in the place of one that is there.</summary>
    public EventFile(string path)
    {
        // Made anew: a link that is there leads nowhere, and a pipe waits for nobody.
        File.Delete(path);
        file = GrowingFile.Open(path, FileMode.CreateNew, FileShare.Read);
        Record(Message(o =>
        {
            o.WriteTag(3, WireFormat.WireType.LengthDelimited);
            o.WriteString("brain.Event:2");
        }));
    }

    /// <summary>Writes scalars of one step.</summary>
    /// <param name="time">Seconds since 1970.</param>
    /// <param name="step">The step they belong to.</param>
    /// <param name="scalars">Tags and values.</param>
    public void Write(double time, long step, IEnumerable<(string Tag, float Value)> scalars)
    {
        var summary = Message(o =>
        {
            foreach (var (tag, value) in scalars) Embedded(o, 1, Message(v =>
            {
                v.WriteTag(1, WireFormat.WireType.LengthDelimited);
                v.WriteString(tag);
                v.WriteTag(2, WireFormat.WireType.Fixed32);
                v.WriteFloat(value);
            }));
        });
        Record(Message(o =>
        {
            o.WriteTag(1, WireFormat.WireType.Fixed64);
            o.WriteDouble(time);
            o.WriteTag(2, WireFormat.WireType.Varint);
            o.WriteInt64(step);
            Embedded(o, 5, summary);
        }));
    }

    private static byte[] Message(Action<CodedOutputStream> fields)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true)) fields(output);
        return buffer.ToArray();
    }

    private static void Embedded(CodedOutputStream output, int field, byte[] message)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(message));
    }

    private void Record(byte[] data)
    {
        const int length = sizeof(long), checksum = sizeof(uint);
        var record = new byte[length + checksum + data.Length + checksum];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(length), MaskedChecksum(record.AsSpan(0, length)));
        data.CopyTo(record, length + checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(record.Length - checksum), MaskedChecksum(data));
        file.Add(record);
    }

    private static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
