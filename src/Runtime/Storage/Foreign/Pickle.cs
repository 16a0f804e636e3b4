using System.Buffers.Binary;
using System.Text;

namespace DataSsl.Runtime.Storage.Foreign;

/// <summary>
/// Reads the pickle of a state dict as data. It knows the opcodes of dictionaries, lists, texts and numbers, and of functions the few that
/// say what a tensor is; none is called. Whatever else a pickle can say, which is any program, is refused.
/// </summary>
internal sealed class Pickle
{
    private readonly string path;
    private readonly byte[] bytes;
    private readonly List<object?> stack = [];
    private readonly List<int> marks = [];
    private readonly Dictionary<int, object?> memo = [];
    private int at;

    /// <param name="path">Named in what is thrown.</param>
    /// <exception cref="UserException">It holds something else than tensors in dictionaries.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public Pickle(string path, byte[] bytes)
    {
        (this.path, this.bytes) = (path, bytes);
        Root = Run();
    }

    /// <summary>What it holds: a <see cref="Map"/>, a <see cref="TensorView"/>, a text, a number, …</summary>
    public object? Root { get; }

    /// <summary>A dictionary in its order.</summary>
    public sealed class Map
    {
        public List<(object? Key, object? Value)> Items { get; } = [];
    }

    /// <summary>Values that tensors are views of.</summary>
    /// <param name="Type">PyTorch's name of their type, such as FloatStorage.</param>
    /// <param name="Key">Name of their entry in the archive.</param>
    /// <param name="Count">How many there are.</param>
    public sealed record Storage(string Type, string Key, long Count);

    /// <summary>A tensor, with offset and strides in values.</summary>
    public sealed record TensorView(Storage Storage, long Offset, long[] Shape, long[] Strides);

    /// <summary>A function or type that is named, not called.</summary>
    private sealed record Named(string Module, string Name);

    private object? Run()
    {
        while (true)
        {
            var code = Byte();
            switch ((char)code)
            {
                case '\x80': Byte(); break;
                case '\x95': Take(8); break;
                case '(': marks.Add(stack.Count); break;
                case '.': return stack.Count == 1 && marks.Count == 0 ? stack[0] : throw Damaged("it does not end where it should");
                case '0': Pop(); break;
                case 'N': stack.Add(null); break;
                case '\x88': stack.Add(true); break;
                case '\x89': stack.Add(false); break;
                case 'J': stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case 'K': stack.Add((long)Byte()); break;
                case 'M': stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
                case '\x8a': stack.Add(Long(Byte())); break;
                case 'G': stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
                case 'X': stack.Add(Text(Length(Take(4)))); break;
                case '\x8c': stack.Add(Text(Byte())); break;
                case 'T': stack.Add(Text(Length(Take(4)))); break;
                case 'U': stack.Add(Text(Byte())); break;
                case ')': stack.Add(Array.Empty<object?>()); break;
                case '\x85': stack.Add(Last(1)); break;
                case '\x86': stack.Add(Last(2)); break;
                case '\x87': stack.Add(Last(3)); break;
                case 't': stack.Add(SinceMark()); break;
                case ']': stack.Add(new List<object?>()); break;
                case 'l': stack.Add(new List<object?>(SinceMark())); break;
                case 'a': Add([Pop()]); break;
                case 'e': Add(SinceMark()); break;
                case '}': stack.Add(new Map()); break;
                case 's': Set(Last(2)); break;
                case 'u': Set(SinceMark()); break;
                case 'q': memo[Byte()] = Peek(); break;
                case 'r': memo[Length(Take(4))] = Peek(); break;
                case '\x94': memo[memo.Count] = Peek(); break;
                case 'h': stack.Add(Recall(Byte())); break;
                case 'j': stack.Add(Recall(Length(Take(4)))); break;
                case 'c': stack.Add(Known(new(Line(), Line()))); break;
                case '\x93':
                    stack.Add(
                    Pop() is string name && Pop() is string module ? Known(new(module, name)) : throw Damaged("a name is no text")); break;
                case 'Q': stack.Add(StorageOf(Pop())); break;
                case 'R': stack.Add(Result(Pop(), Pop())); break;
                // The state of an OrderedDict says the versions of modules; nobody needs it.
                case 'b': if (Pop() is not (Map or null) || Peek() is not Map) throw Refused("the state of an object"); break;
                default: throw Refused($"what its opcode 0x{code:x2} makes");
            }
        }
    }

    /// <summary>Of a function's name and its arguments: what it would make.</summary>
    private object Result(object? arguments, object? function) => (function as Named, arguments as object?[]) switch
    {
        (("collections", "OrderedDict"), []) => new Map(),
        (("torch._utils", "_rebuild_tensor_v2"), [Storage storage, long offset, object?[] shape, object?[] strides, ..]) =>
            new TensorView(storage, offset, Whole(shape), Whole(strides)),
        (("torch._utils", "_rebuild_parameter"), [TensorView tensor, ..]) => tensor,
        ({ } named, _) => throw Refused($"{named.Module}.{named.Name} with other arguments than a tensor has"),
        _ => throw Damaged("it calls what is no function"),
    };

    private Storage StorageOf(object? id) =>
        id is object?[] and ["storage", Named { Module: "torch", Name: var type }, string key, string, long count]
        ? new(type, key, count) : throw Damaged("a storage is none");

    /// <summary>Refuses every name but those of a state dict.</summary>
    private Named Known(Named named) =>
        named is ("collections", "OrderedDict") or ("torch._utils", "_rebuild_tensor_v2") or ("torch._utils", "_rebuild_parameter")
        || (named.Module == "torch" && named.Name.EndsWith("Storage", StringComparison.Ordinal)
            && named.Name.All(char.IsAsciiLetterOrDigit))
            ? named : throw Refused($"{named.Module}.{named.Name}");

    private long[] Whole(object?[] numbers) =>
        Array.ConvertAll(numbers, number => number is long whole ? whole : throw Damaged("a shape is no list of whole numbers"));

    private void Add(object?[] items)
    {
        if (Peek() is not List<object?> list) throw Damaged("it adds to what is no list");
        list.AddRange(items);
    }

    private void Set(object?[] pairs)
    {
        if (Peek() is not Map map || pairs.Length % 2 != 0) throw Damaged("it adds to what is no dictionary");
        for (var i = 0; i < pairs.Length; i += 2) map.Items.Add((pairs[i], pairs[i + 1]));
    }

    private object?[] SinceMark()
    {
        if (marks.Count == 0) throw Damaged("a mark is missing");
        var mark = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        return mark <= stack.Count ? Last(stack.Count - mark) : throw Damaged("a mark is beyond its stack");
    }

    private object?[] Last(int count)
    {
        if (count > stack.Count) throw Damaged("its stack is empty");
        object?[] items = [.. stack[^count..]];
        stack.RemoveRange(stack.Count - count, count);
        return items;
    }

    private object? Pop() => Last(1)[0];

    private object? Peek() => stack.Count > 0 ? stack[^1] : throw Damaged("its stack is empty");

    private object? Recall(int place) => memo.TryGetValue(place, out var value) ? value : throw Damaged("it recalls what it never kept");

    private byte Byte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > bytes.Length - at) throw Damaged("it is cut short");
        var part = bytes.AsSpan(at, count);
        at += count;
        return part;
    }

    private int Length(ReadOnlySpan<byte> four) =>
        BinaryPrimitives.ReadUInt32LittleEndian(four) is <= int.MaxValue and var length ? (int)length : throw Damaged("a text is too long");

    private string Text(int length) => Encoding.UTF8.GetString(Take(length));

    private string Line()
    {
        var end = bytes.AsSpan(at).IndexOf((byte)'\n');
        if (end < 0) throw Damaged("it is cut short");
        var line = Text(end);
        at++;
        return line;
    }

    /// <summary>A whole number of up to 8 bytes.</summary>
    private long Long(int count)
    {
        if (count > 8) throw Damaged("a number is too large");
        var part = Take(count);
        var value = 0L;
        for (var i = 0; i < count; i++) value |= (long)part[i] << (8 * i);
        return count is > 0 and < 8 && (part[^1] & 0x80) != 0 ? value - (1L << (8 * count)) : value;
    }

    private UserException Refused(string what) =>
        new(
            $"{path}: holds {what}; of a .pth this program reads tensors alone, in dictionaries, and runs no code: save the model's state_dict(), or write safetensors");

    private static InvalidDataException Damaged(string what) => new($"its pickle is damaged: {what}");
}
