using Google.Protobuf;

namespace DataSsl.Search.Emit.Onnx;

/// <summary>The fields of a protobuf message as they stand in it, by number: enough to read what <see cref="ProtoMessage"/> writes.</summary>
internal sealed class ProtoFields
{
    private readonly List<(int Field, object Value)> fields = [];

    /// <exception cref="InvalidProtocolBufferException">The bytes are no message.</exception>
    public ProtoFields(CodedInputStream input)
    {
        while (input.ReadTag() is var tag && tag != 0)
            fields.Add((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadInt64(),
                WireFormat.WireType.Fixed32 => input.ReadFloat(),
                WireFormat.WireType.LengthDelimited => input.ReadBytes(),
                var type => throw new InvalidDataException($"a field of wire type {type}, which ONNX does not use here"),
            }));
    }

    public IEnumerable<long> Integers(int field) => All<long>(field);

    public long? Integer(int field) => Integers(field).Select(value => (long?)value).FirstOrDefault();

    public float? Number(int field) => All<float>(field).Select(value => (float?)value).FirstOrDefault();

    public ReadOnlyMemory<byte> Bytes(int field) => All<ByteString>(field).Single().Memory;

    public IEnumerable<string> Texts(int field) => All<ByteString>(field).Select(value => value.ToStringUtf8());

    public string Text(int field) => Texts(field).Single();

    public IEnumerable<ProtoFields> Messages(int field) => All<ByteString>(field).Select(value => new ProtoFields(value.CreateCodedInput()));

    private IEnumerable<T> All<T>(int field) => fields.Where(f => f.Field == field).Select(f => (T)f.Value);
}
