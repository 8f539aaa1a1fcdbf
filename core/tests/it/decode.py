"""Prints the messages of a recording as JSON lines, with the public packages for MCAP alone."""

import json
import sys

from google.protobuf.json_format import MessageToDict
from mcap.reader import make_reader
from mcap_protobuf.decoder import DecoderFactory

with open(sys.argv[1], "rb") as file:
    reader = make_reader(file, validate_crcs=True, decoder_factories=[DecoderFactory()])
    for schema, channel, message in reader.iter_messages():
        if schema.encoding == "protobuf":
            decoder = DecoderFactory().decoder_for("protobuf", schema)
            value = MessageToDict(decoder(message.data), preserving_proto_field_name=True)
        elif channel.message_encoding == "json":
            value = json.loads(message.data)
        else:
            value = None
        print(json.dumps([channel.topic, message.log_time, value]))
