import './src/session/handed'
import 'expo-router/entry'
