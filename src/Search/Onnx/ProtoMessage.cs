using Google.Protobuf;

namespace DataSsl.Search.Onnx;

/// <summary>
/// A protobuf message, field by field: few of ONNX's are needed, and their numbers stand where they are written. Sizes are known before
/// writing, so nothing is copied: a network's weights go from the tensor to the file.
/// </summary>
internal sealed class ProtoMessage
{
    private readonly List<(uint Tag, Action<CodedOutputStream> Write)> fields = [];

    /// <summary>Bytes without a length before them.</summary>
    public int Size { get; private set; }

    public ProtoMessage Add(int field, long value) =>
        Add(field, WireFormat.WireType.Varint, CodedOutputStream.ComputeInt64Size(value), o => o.WriteInt64(value));

    public ProtoMessage Add(int field, float value) =>
        Add(field, WireFormat.WireType.Fixed32, CodedOutputStream.ComputeFloatSize(value), o => o.WriteFloat(value));

    public ProtoMessage Add(int field, string value) =>
        Add(field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeStringSize(value), o => o.WriteString(value));

    public ProtoMessage Add(int field, ReadOnlyMemory<byte> value)
    {
        var bytes = UnsafeByteOperations.UnsafeWrap(value);
        return Add(field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeBytesSize(bytes), o => o.WriteBytes(bytes));
    }

    /// <summary>A message within this one; it must be complete.</summary>
    public ProtoMessage Add(int field, ProtoMessage value) =>
        Add(field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeLengthSize(value.Size) + value.Size, o =>
    {
        o.WriteLength(value.Size);
        value.Write(o);
    });

    /// <summary>A repeated field.</summary>
    public ProtoMessage Add(int field, IEnumerable<ProtoMessage> values)
    {
        foreach (var value in values) Add(field, value);
        return this;
    }

    public void Write(Stream stream)
    {
        using var output = new CodedOutputStream(stream, leaveOpen: true);
        Write(output);
    }

    private ProtoMessage Add(int field, WireFormat.WireType type, int size, Action<CodedOutputStream> write)
    {
        var tag = WireFormat.MakeTag(field, type);
        fields.Add((tag, write));
        Size += CodedOutputStream.ComputeRawVarint32Size(tag) + size;
        return this;
    }

    private void Write(CodedOutputStream output)
    {
        foreach (var (tag, write) in fields)
        {
            output.WriteTag(tag);
            write(output);
        }
    }
}
